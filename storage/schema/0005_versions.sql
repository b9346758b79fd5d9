-- Versions of one article, notices of agencies, and who still runs a text that was replaced.

-- `url_key` and `id_key` tie the versions of an article; NULL until derived, '' where there is none.
ALTER TABLE store.articles ADD COLUMN url_key VARCHAR;
ALTER TABLE store.articles ADD COLUMN id_key VARCHAR;
ALTER TABLE store.articles ADD COLUMN updated_at TIMESTAMP;
-- The next version; NULL for the current one, which alone takes part in copy and stories.
ALTER TABLE store.articles ADD COLUMN superseded_by VARCHAR;
-- The first known publication among the versions, where it is another one than its own.
ALTER TABLE store.articles ADD COLUMN first_published_at TIMESTAMP;
ALTER TABLE store.articles ADD COLUMN first_precision VARCHAR;

-- Rows only for articles of which there are several versions. Derived from the articles: it can be
-- made again for any series.
CREATE TABLE store.article_versions (
    series_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    supersedes VARCHAR,
    changed VARCHAR,
    run_id VARCHAR NOT NULL
);

-- What the sender of an article said about it: slug, editor's note.
CREATE TABLE store.article_notes (
    article_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    words VARCHAR NOT NULL
);

CREATE TABLE store.agency_notices (
    article_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    begin INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    language VARCHAR NOT NULL,
    number INTEGER,
    agency VARCHAR,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.notice_ties (
    article_id VARCHAR NOT NULL,
    old_article_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.outdated_copies (
    article_id VARCHAR NOT NULL,
    new_article_id VARCHAR NOT NULL,
    old_article_id VARCHAR NOT NULL,
    agency VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    begin INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    old_begin INTEGER NOT NULL,
    old_end INTEGER NOT NULL,
    old_words VARCHAR NOT NULL,
    new_words VARCHAR NOT NULL,
    notice_words VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE OR REPLACE VIEW articles AS
    SELECT a.article_id, a.outlet, a.headline, a.byline, a.dateline, a.text, a.language, a.url,
        a.published_at, a.published_precision, a.updated_at, coalesce(v.version, 1) AS version,
        a.superseded_by IS NULL AS is_current, a.superseded_by, a.source, a.source_id, a.read_at,
        a.run_id
    FROM store.articles a LEFT JOIN store.article_versions v USING (article_id);
COMMENT ON VIEW articles IS 'One published text of one outlet, in one version, exactly as it was read; stories and copy hold the current versions only.';
COMMENT ON COLUMN articles.article_id IS 'Id derived from the content.';
COMMENT ON COLUMN articles.outlet IS 'Who published it: a domain or a name.';
COMMENT ON COLUMN articles.headline IS 'Headline.';
COMMENT ON COLUMN articles.byline IS 'Author line, or NULL.';
COMMENT ON COLUMN articles.dateline IS 'Dateline such as PARIS (AFP), or NULL.';
COMMENT ON COLUMN articles.text IS 'Whole text; every offset in this database counts its characters.';
COMMENT ON COLUMN articles.language IS 'ISO 639-1 code, NULL where it cannot be told.';
COMMENT ON COLUMN articles.url IS 'Address, or NULL.';
COMMENT ON COLUMN articles.published_at IS 'Time of publication in UTC, NULL where unknown.';
COMMENT ON COLUMN articles.published_precision IS 'How exactly published_at is known: second, day or unknown.';
COMMENT ON COLUMN articles.updated_at IS 'When this text was last changed in UTC, NULL where its source does not say.';
COMMENT ON COLUMN articles.version IS 'Number of this version among the texts of one article, from 1.';
COMMENT ON COLUMN articles.is_current IS 'Whether it is the last version: the one that stories, copy and counts are about.';
COMMENT ON COLUMN articles.superseded_by IS 'Article id of the next version, NULL for the current one.';
COMMENT ON COLUMN articles.source IS 'File and line it was read from.';
COMMENT ON COLUMN articles.source_id IS 'Id that the source gave it, or NULL.';
COMMENT ON COLUMN articles.read_at IS 'When it was read, in UTC.';
COMMENT ON COLUMN articles.run_id IS 'Run that read it.';

CREATE VIEW article_versions AS
    SELECT coalesce(v.series_id, a.article_id) AS series_id, a.article_id,
        coalesce(v.version, 1) AS version, a.superseded_by IS NULL AS is_current, v.supersedes,
        a.superseded_by, v.changed, a.outlet, a.headline, a.url, a.published_at, a.updated_at,
        a.read_at
    FROM store.articles a LEFT JOIN store.article_versions v USING (article_id);
COMMENT ON VIEW article_versions IS 'Every text that was read of an article, in their order.';
COMMENT ON COLUMN article_versions.series_id IS 'Article id of the first version: what all versions of one article have in common.';
COMMENT ON COLUMN article_versions.article_id IS 'This version.';
COMMENT ON COLUMN article_versions.version IS 'Its number, from 1.';
COMMENT ON COLUMN article_versions.is_current IS 'Whether it is the last one.';
COMMENT ON COLUMN article_versions.supersedes IS 'Version before it, or NULL.';
COMMENT ON COLUMN article_versions.superseded_by IS 'Version after it, or NULL.';
COMMENT ON COLUMN article_versions.changed IS 'What it changed, in words; NULL for the first version.';
COMMENT ON COLUMN article_versions.outlet IS 'Who published it.';
COMMENT ON COLUMN article_versions.headline IS 'Its headline.';
COMMENT ON COLUMN article_versions.url IS 'Its address, or NULL.';
COMMENT ON COLUMN article_versions.published_at IS 'Time of publication in UTC, or NULL.';
COMMENT ON COLUMN article_versions.updated_at IS 'When this text was last changed in UTC, or NULL.';
COMMENT ON COLUMN article_versions.read_at IS 'When it was read, in UTC.';

CREATE OR REPLACE VIEW passage_matches AS
    SELECT left_article_id, right_article_id, left_begin, left_end, right_begin, right_end,
        relation, score, similarity, containment_left, containment_right, reason, run_id
    FROM store.passage_verdicts
    WHERE is_match
    AND left_article_id NOT IN
        (SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL)
    AND right_article_id NOT IN
        (SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL);
COMMENT ON VIEW passage_matches IS 'Two spans of different articles, both current versions, that carry the same copy.';
COMMENT ON COLUMN passage_matches.left_article_id IS 'Article with the smaller id.';
COMMENT ON COLUMN passage_matches.right_article_id IS 'Article with the larger id.';
COMMENT ON COLUMN passage_matches.left_begin IS 'First character of the span in the left article.';
COMMENT ON COLUMN passage_matches.left_end IS 'One past its last character.';
COMMENT ON COLUMN passage_matches.right_begin IS 'First character of the span in the right article.';
COMMENT ON COLUMN passage_matches.right_end IS 'One past its last character.';
COMMENT ON COLUMN passage_matches.relation IS 'verbatim, edited, paraphrase, or quotation (shared words of a third person, no copy).';
COMMENT ON COLUMN passage_matches.score IS 'Between 0 and 1.';
COMMENT ON COLUMN passage_matches.similarity IS 'Cosine of the two vectors, NULL where none was computed.';
COMMENT ON COLUMN passage_matches.containment_left IS 'Share of the words on the left that stand on the right, in order.';
COMMENT ON COLUMN passage_matches.containment_right IS 'Share of the words on the right that stand on the left, in order.';
COMMENT ON COLUMN passage_matches.reason IS 'Why it was accepted.';
COMMENT ON COLUMN passage_matches.run_id IS 'Run that reached the verdict.';

CREATE VIEW agency_notices AS
    SELECT n.article_id, n.kind, n.agency, n.words, n.field, n.begin, n."end", n.language, n.number,
        t.old_article_id, t.score, t.reason, n.run_id
    FROM store.agency_notices n LEFT JOIN store.notice_ties t USING (article_id);
COMMENT ON VIEW agency_notices IS 'Statements of an article that it updates, corrects, repeats or withdraws copy sent before.';
COMMENT ON COLUMN agency_notices.article_id IS 'Article that says so.';
COMMENT ON COLUMN agency_notices.kind IS 'kill, withdrawal, hold, correction, update, refile, repeat or advisory.';
COMMENT ON COLUMN agency_notices.agency IS 'Agency whose copy the article is, or NULL.';
COMMENT ON COLUMN agency_notices.words IS 'The words that say so.';
COMMENT ON COLUMN agency_notices.field IS 'Where they stand: headline, text, or a field of the source such as ednote.';
COMMENT ON COLUMN agency_notices.begin IS 'First character of those words in that field.';
COMMENT ON COLUMN agency_notices."end" IS 'One past their last character.';
COMMENT ON COLUMN agency_notices.language IS 'Language of the convention, as an ISO 639-1 code.';
COMMENT ON COLUMN agency_notices.number IS 'The number in UPDATE 2-, or NULL.';
COMMENT ON COLUMN agency_notices.old_article_id IS 'Earlier article that it concerns, NULL where none was found.';
COMMENT ON COLUMN agency_notices.score IS 'How sure that is, between 0 and 1.';
COMMENT ON COLUMN agency_notices.reason IS 'How the earlier article was found.';
COMMENT ON COLUMN agency_notices.run_id IS 'Run that read the notice.';

CREATE VIEW outdated_copies AS
    SELECT o.article_id, a.outlet, a.headline, a.url, a.published_at, o.agency, o.kind,
        o.old_words, o.new_words, o.begin, o."end", o.old_article_id, o.old_begin, o.old_end,
        o.new_article_id, o.notice_words, o.reason, o.run_id
    FROM store.outdated_copies o JOIN store.articles a USING (article_id);
COMMENT ON VIEW outdated_copies IS 'Articles that still run agency words which the agency changed or withdrew.';
COMMENT ON COLUMN outdated_copies.article_id IS 'Article that still runs them, in its current version.';
COMMENT ON COLUMN outdated_copies.outlet IS 'Its outlet.';
COMMENT ON COLUMN outdated_copies.headline IS 'Its headline.';
COMMENT ON COLUMN outdated_copies.url IS 'Its address, or NULL.';
COMMENT ON COLUMN outdated_copies.published_at IS 'When it was published in UTC, or NULL.';
COMMENT ON COLUMN outdated_copies.agency IS 'Agency that changed or withdrew the words.';
COMMENT ON COLUMN outdated_copies.kind IS 'kill, withdrawal, hold, correction, update or refile.';
COMMENT ON COLUMN outdated_copies.old_words IS 'Words of the old text that the article still runs.';
COMMENT ON COLUMN outdated_copies.new_words IS 'What they became; empty where they were taken out.';
COMMENT ON COLUMN outdated_copies.begin IS 'First character of the passage in the article.';
COMMENT ON COLUMN outdated_copies."end" IS 'One past its last character.';
COMMENT ON COLUMN outdated_copies.old_article_id IS 'Agency article that ran the old words.';
COMMENT ON COLUMN outdated_copies.old_begin IS 'First character of the passage in that article.';
COMMENT ON COLUMN outdated_copies.old_end IS 'One past its last character.';
COMMENT ON COLUMN outdated_copies.new_article_id IS 'Agency article that changed or withdrew them.';
COMMENT ON COLUMN outdated_copies.notice_words IS 'The words of the notice; empty where a text was changed without saying so.';
COMMENT ON COLUMN outdated_copies.reason IS 'Why the newer article concerns the older one.';
COMMENT ON COLUMN outdated_copies.run_id IS 'Run that found it.';
