-- Verdicts on pairs of spans, the passages they join into, and what that says about an article.
CREATE TABLE store.passage_verdicts (
    left_article_id VARCHAR NOT NULL,
    right_article_id VARCHAR NOT NULL,
    left_begin INTEGER NOT NULL,
    left_end INTEGER NOT NULL,
    right_begin INTEGER NOT NULL,
    right_end INTEGER NOT NULL,
    relation VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    similarity DOUBLE,
    containment_left DOUBLE NOT NULL,
    containment_right DOUBLE NOT NULL,
    is_match BOOLEAN NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.passages (
    passage_id VARCHAR NOT NULL,
    origin_article_id VARCHAR,
    agency VARCHAR,
    confidence DOUBLE NOT NULL,
    evidence VARCHAR,
    evidence_article_id VARCHAR,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.passage_places (
    passage_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    begin INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    position INTEGER NOT NULL,
    relation VARCHAR,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.passage_events (
    event BIGINT NOT NULL,
    passage_id VARCHAR NOT NULL,
    old_passage_id VARCHAR NOT NULL,
    old_origin_id VARCHAR,
    new_origin_id VARCHAR,
    old_agency VARCHAR,
    new_agency VARCHAR,
    reason VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.paragraph_sources (
    paragraph_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    passage_id VARCHAR,
    agency VARCHAR,
    relation VARCHAR,
    share DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.article_derivation (
    article_id VARCHAR NOT NULL,
    derivation VARCHAR NOT NULL,
    share DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.article_agency_shares (
    article_id VARCHAR NOT NULL,
    agency VARCHAR NOT NULL,
    share DOUBLE NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.duplicate_clusters (
    cluster_id VARCHAR NOT NULL,
    representative_id VARCHAR NOT NULL,
    origin_id VARCHAR,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.duplicate_cluster_articles (
    cluster_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE VIEW passage_verdicts AS
    SELECT left_article_id, right_article_id, left_begin, left_end, right_begin, right_end,
        relation, score, similarity, containment_left, containment_right, is_match, reason, run_id
    FROM store.passage_verdicts;
COMMENT ON VIEW passage_verdicts IS 'Every verdict on two spans of two articles, accepted or not.';
COMMENT ON COLUMN passage_verdicts.left_article_id IS 'Article with the smaller id.';
COMMENT ON COLUMN passage_verdicts.right_article_id IS 'Article with the larger id.';
COMMENT ON COLUMN passage_verdicts.left_begin IS 'First character of the span in the left article.';
COMMENT ON COLUMN passage_verdicts.left_end IS 'One past its last character.';
COMMENT ON COLUMN passage_verdicts.right_begin IS 'First character of the span in the right article.';
COMMENT ON COLUMN passage_verdicts.right_end IS 'One past its last character.';
COMMENT ON COLUMN passage_verdicts.relation IS 'verbatim, edited, paraphrase or quotation.';
COMMENT ON COLUMN passage_verdicts.score IS 'Between 0 and 1.';
COMMENT ON COLUMN passage_verdicts.similarity IS 'Cosine of the two vectors, NULL where none was computed.';
COMMENT ON COLUMN passage_verdicts.containment_left IS 'Share of the words on the left that stand on the right, in order.';
COMMENT ON COLUMN passage_verdicts.containment_right IS 'Share of the words on the right that stand on the left, in order.';
COMMENT ON COLUMN passage_verdicts.is_match IS 'Whether it was accepted.';
COMMENT ON COLUMN passage_verdicts.reason IS 'Why it was accepted or rejected.';
COMMENT ON COLUMN passage_verdicts.run_id IS 'Run that reached the verdict.';

CREATE VIEW passage_matches AS
    SELECT left_article_id, right_article_id, left_begin, left_end, right_begin, right_end,
        relation, score, similarity, containment_left, containment_right, reason, run_id
    FROM store.passage_verdicts WHERE is_match;
COMMENT ON VIEW passage_matches IS 'Two spans of different articles that carry the same copy.';
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

CREATE VIEW passages AS
    SELECT p.passage_id, p.origin_article_id, p.agency, p.confidence, p.evidence,
        p.evidence_article_id, p.reason, c.n_places, c.n_outlets, c.n_characters, p.run_id
    FROM store.passages p
    LEFT JOIN (
        SELECT passage_id, count(*) AS n_places, count(DISTINCT a.outlet) AS n_outlets,
            max(l."end" - l.begin) AS n_characters
        FROM store.passage_places l JOIN store.articles a USING (article_id)
        GROUP BY passage_id
    ) c USING (passage_id);
COMMENT ON VIEW passages IS 'One piece of copy that ran in several articles.';
COMMENT ON COLUMN passages.passage_id IS 'Id derived from the content.';
COMMENT ON COLUMN passages.origin_article_id IS 'Article it comes from, NULL where that is not known.';
COMMENT ON COLUMN passages.agency IS 'Agency that supplied it, or NULL.';
COMMENT ON COLUMN passages.confidence IS 'Between 0 and 1: how sure origin and agency are.';
COMMENT ON COLUMN passages.evidence IS 'The words that prove the agency.';
COMMENT ON COLUMN passages.evidence_article_id IS 'Article in which those words stand.';
COMMENT ON COLUMN passages.reason IS 'How origin and agency were decided.';
COMMENT ON COLUMN passages.n_places IS 'Places where it ran.';
COMMENT ON COLUMN passages.n_outlets IS 'Outlets that ran it.';
COMMENT ON COLUMN passages.n_characters IS 'Length of its longest place.';
COMMENT ON COLUMN passages.run_id IS 'Run that decided this.';

CREATE VIEW passage_places AS
    SELECT passage_id, article_id, begin, "end", position, relation FROM store.passage_places;
COMMENT ON VIEW passage_places IS 'Every place where a passage ran.';
COMMENT ON COLUMN passage_places.passage_id IS 'Passage.';
COMMENT ON COLUMN passage_places.article_id IS 'Article.';
COMMENT ON COLUMN passage_places.begin IS 'First character in the text of the article.';
COMMENT ON COLUMN passage_places."end" IS 'One past the last character.';
COMMENT ON COLUMN passage_places.position IS 'Position of the paragraph in which it begins.';
COMMENT ON COLUMN passage_places.relation IS 'How it relates to the origin: verbatim, edited, paraphrase; NULL for the origin itself or where it is unknown.';

CREATE VIEW passage_events AS
    SELECT event, passage_id, old_passage_id, old_origin_id, new_origin_id, old_agency, new_agency,
        reason, recorded_at, run_id
    FROM store.passage_events;
COMMENT ON VIEW passage_events IS 'How origin or agency of a passage changed when more was read.';
COMMENT ON COLUMN passage_events.event IS 'Number of the event, growing.';
COMMENT ON COLUMN passage_events.passage_id IS 'Passage as it is now called.';
COMMENT ON COLUMN passage_events.old_passage_id IS 'Passage that held these places before.';
COMMENT ON COLUMN passage_events.old_origin_id IS 'Origin before, or NULL.';
COMMENT ON COLUMN passage_events.new_origin_id IS 'Origin after, or NULL.';
COMMENT ON COLUMN passage_events.old_agency IS 'Agency before, or NULL.';
COMMENT ON COLUMN passage_events.new_agency IS 'Agency after, or NULL.';
COMMENT ON COLUMN passage_events.reason IS 'What decided the new origin.';
COMMENT ON COLUMN passage_events.recorded_at IS 'When, in UTC.';
COMMENT ON COLUMN passage_events.run_id IS 'Run that changed it.';

CREATE VIEW paragraph_sources AS
    SELECT s.paragraph_id, s.article_id, s.position, s.passage_id, s.agency, s.relation, s.share,
        s.reason, p.origin_article_id, p.confidence, p.evidence, p.evidence_article_id
    FROM store.paragraph_sources s LEFT JOIN store.passages p USING (passage_id);
COMMENT ON VIEW paragraph_sources IS 'Whose words a paragraph carries; a paragraph without a row is the own text of its outlet.';
COMMENT ON COLUMN paragraph_sources.paragraph_id IS 'Paragraph.';
COMMENT ON COLUMN paragraph_sources.article_id IS 'Article it stands in.';
COMMENT ON COLUMN paragraph_sources.position IS 'Its place in the article, from 0.';
COMMENT ON COLUMN paragraph_sources.passage_id IS 'Passage it carries, or NULL.';
COMMENT ON COLUMN paragraph_sources.agency IS 'Agency that supplied it, or NULL.';
COMMENT ON COLUMN paragraph_sources.relation IS 'How it relates to the origin, or NULL.';
COMMENT ON COLUMN paragraph_sources.share IS 'Share of its characters that is this copy.';
COMMENT ON COLUMN paragraph_sources.reason IS 'Why.';
COMMENT ON COLUMN paragraph_sources.origin_article_id IS 'Article the passage comes from, or NULL.';
COMMENT ON COLUMN paragraph_sources.confidence IS 'How sure origin and agency of the passage are.';
COMMENT ON COLUMN paragraph_sources.evidence IS 'The words that prove the agency.';
COMMENT ON COLUMN paragraph_sources.evidence_article_id IS 'Article in which those words stand.';

CREATE VIEW article_derivation AS
    SELECT article_id, derivation, share, reason, run_id FROM store.article_derivation;
COMMENT ON VIEW article_derivation IS 'How much of an article is wire copy.';
COMMENT ON COLUMN article_derivation.article_id IS 'Article.';
COMMENT ON COLUMN article_derivation.derivation IS 'wholly, partly or not.';
COMMENT ON COLUMN article_derivation.share IS 'Share of the characters of its body that is wire copy.';
COMMENT ON COLUMN article_derivation.reason IS 'Why.';
COMMENT ON COLUMN article_derivation.run_id IS 'Run that decided this.';

CREATE VIEW article_agency_shares AS
    SELECT article_id, agency, share FROM store.article_agency_shares;
COMMENT ON VIEW article_agency_shares IS 'How much of an article comes from which agency.';
COMMENT ON COLUMN article_agency_shares.article_id IS 'Article.';
COMMENT ON COLUMN article_agency_shares.agency IS 'Short name of the agency.';
COMMENT ON COLUMN article_agency_shares.share IS 'Share of the characters of its body.';

CREATE VIEW duplicate_clusters AS
    SELECT d.cluster_id, d.representative_id, d.origin_id, c.n_articles, d.run_id
    FROM store.duplicate_clusters d
    LEFT JOIN (
        SELECT cluster_id, count(*) AS n_articles
        FROM store.duplicate_cluster_articles GROUP BY cluster_id
    ) c USING (cluster_id);
COMMENT ON VIEW duplicate_clusters IS 'Articles that are one text.';
COMMENT ON COLUMN duplicate_clusters.cluster_id IS 'Id of the duplicate cluster.';
COMMENT ON COLUMN duplicate_clusters.representative_id IS 'Article that stands for all of them.';
COMMENT ON COLUMN duplicate_clusters.origin_id IS 'Article that ran first, NULL where times do not decide it.';
COMMENT ON COLUMN duplicate_clusters.n_articles IS 'Number of articles.';
COMMENT ON COLUMN duplicate_clusters.run_id IS 'Run that decided this.';

CREATE VIEW duplicate_cluster_articles AS
    SELECT cluster_id, article_id FROM store.duplicate_cluster_articles;
COMMENT ON VIEW duplicate_cluster_articles IS 'Which articles a duplicate cluster holds.';
COMMENT ON COLUMN duplicate_cluster_articles.cluster_id IS 'Duplicate cluster.';
COMMENT ON COLUMN duplicate_cluster_articles.article_id IS 'Article.';
