-- Runs, articles, their paragraphs and credits, and what was set aside.
-- No primary keys: they make inserts several times slower; writers use anti-joins instead.
CREATE SCHEMA store;

CREATE TABLE store.runs (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    state VARCHAR NOT NULL,
    sources VARCHAR[] NOT NULL,
    settings VARCHAR NOT NULL,
    counts MAP(VARCHAR, BIGINT) NOT NULL,
    message VARCHAR
);

CREATE TABLE store.run_steps (
    run_id VARCHAR NOT NULL,
    step VARCHAR NOT NULL,
    seconds DOUBLE NOT NULL,
    counts MAP(VARCHAR, BIGINT) NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE TABLE store.articles (
    article_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR,
    url VARCHAR,
    outlet VARCHAR NOT NULL,
    headline VARCHAR NOT NULL,
    byline VARCHAR,
    dateline VARCHAR,
    text VARCHAR NOT NULL,
    language VARCHAR,
    published_at TIMESTAMP,
    published_precision VARCHAR NOT NULL,
    opening VARCHAR NOT NULL,
    opening_hash BIGINT NOT NULL,
    read_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.paragraphs (
    paragraph_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    begin INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text_hash BIGINT NOT NULL,
    n_words INTEGER NOT NULL
);

CREATE TABLE store.wire_credits (
    article_id VARCHAR NOT NULL,
    agency VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    begin INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);

CREATE TABLE store.rejected_articles (
    source VARCHAR NOT NULL,
    source_id VARCHAR,
    reason VARCHAR NOT NULL,
    rejected_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

-- Which step has dealt with which article, and under which settings (`version`).
CREATE TABLE store.step_done (
    step VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

-- `content_version` grows with every transaction that changed content.
CREATE TABLE store.counters (name VARCHAR NOT NULL, value BIGINT NOT NULL);
INSERT INTO store.counters VALUES ('content_version', 0), ('publication', 0), ('event', 0);

CREATE VIEW articles AS
    SELECT article_id, outlet, headline, byline, dateline, text, language, url,
        published_at, published_precision, source, source_id, read_at, run_id
    FROM store.articles;
COMMENT ON VIEW articles IS 'One published text of one outlet, in one version, exactly as it was read.';
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
COMMENT ON COLUMN articles.source IS 'File and line it was read from.';
COMMENT ON COLUMN articles.source_id IS 'Id that the source gave it, or NULL.';
COMMENT ON COLUMN articles.read_at IS 'When it was read, in UTC.';
COMMENT ON COLUMN articles.run_id IS 'Run that read it.';

CREATE VIEW paragraphs AS
    SELECT paragraph_id, article_id, position, kind, text, begin, "end", n_words, text_hash
    FROM store.paragraphs;
COMMENT ON VIEW paragraphs IS 'The pieces of every article, in order.';
COMMENT ON COLUMN paragraphs.paragraph_id IS 'Id derived from the article and the place in it.';
COMMENT ON COLUMN paragraphs.article_id IS 'Article it stands in.';
COMMENT ON COLUMN paragraphs.position IS 'Place among the paragraphs of its article, from 0.';
COMMENT ON COLUMN paragraphs.kind IS 'body, heading, caption, credit or furniture; only body is compared for copy.';
COMMENT ON COLUMN paragraphs.text IS 'Its words: characters begin to end of the text of the article.';
COMMENT ON COLUMN paragraphs.begin IS 'First character, counted from 0.';
COMMENT ON COLUMN paragraphs."end" IS 'One past the last character.';
COMMENT ON COLUMN paragraphs.n_words IS 'Number of words.';
COMMENT ON COLUMN paragraphs.text_hash IS 'Hash of the normalised text; equal for equal copy, and the key of its vector.';

CREATE VIEW wire_credits AS
    SELECT article_id, agency, role, rule, evidence, begin, "end" FROM store.wire_credits;
COMMENT ON VIEW wire_credits IS 'Statements in an article that an agency supplied text or pictures.';
COMMENT ON COLUMN wire_credits.article_id IS 'Article that carries the statement.';
COMMENT ON COLUMN wire_credits.agency IS 'Short name of the agency, such as AP.';
COMMENT ON COLUMN wire_credits.role IS 'source, contributor, photo or handout; photo is no evidence about text.';
COMMENT ON COLUMN wire_credits.rule IS 'Convention that was recognised, such as dateline or contributor_line.';
COMMENT ON COLUMN wire_credits.evidence IS 'The words that say so.';
COMMENT ON COLUMN wire_credits.begin IS 'First character of those words, -1 for a structured field.';
COMMENT ON COLUMN wire_credits."end" IS 'One past their last character, -1 for a structured field.';

CREATE VIEW rejected_articles AS
    SELECT source, source_id, reason, rejected_at, run_id FROM store.rejected_articles;
COMMENT ON VIEW rejected_articles IS 'What was set aside while reading, and why.';
COMMENT ON COLUMN rejected_articles.source IS 'File and line.';
COMMENT ON COLUMN rejected_articles.source_id IS 'Id that the source gave it, or NULL.';
COMMENT ON COLUMN rejected_articles.reason IS 'Why it was set aside.';
COMMENT ON COLUMN rejected_articles.rejected_at IS 'When, in UTC.';
COMMENT ON COLUMN rejected_articles.run_id IS 'Run that first met it.';

CREATE VIEW runs AS
    SELECT run_id, started_at, finished_at, state, sources, counts, message, settings
    FROM store.runs;
COMMENT ON VIEW runs IS 'Passes of the pipeline.';
COMMENT ON COLUMN runs.run_id IS 'Id of the run.';
COMMENT ON COLUMN runs.started_at IS 'Start in UTC.';
COMMENT ON COLUMN runs.finished_at IS 'End in UTC, NULL while it runs or after it was killed.';
COMMENT ON COLUMN runs.state IS 'running, finished, failed or interrupted.';
COMMENT ON COLUMN runs.sources IS 'What it was asked to read.';
COMMENT ON COLUMN runs.counts IS 'Counters by name, as counts[''articles''].';
COMMENT ON COLUMN runs.message IS 'What it said at the end.';
COMMENT ON COLUMN runs.settings IS 'Settings it ran with, as JSON.';

CREATE VIEW run_steps AS SELECT run_id, step, seconds, counts, recorded_at FROM store.run_steps;
COMMENT ON VIEW run_steps IS 'Steps of every run.';
COMMENT ON COLUMN run_steps.run_id IS 'Run it belongs to.';
COMMENT ON COLUMN run_steps.step IS 'Name of the step.';
COMMENT ON COLUMN run_steps.seconds IS 'Wall-clock seconds.';
COMMENT ON COLUMN run_steps.counts IS 'Counters by name.';
COMMENT ON COLUMN run_steps.recorded_at IS 'When it was recorded, in UTC.';
