-- What was forgotten, what may not come back, and which vector files were found right.
CREATE TABLE store.forgettings (
    forgetting_id VARCHAR NOT NULL,
    asked VARCHAR NOT NULL,
    n_articles BIGINT NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.refused_articles (
    article_id VARCHAR NOT NULL,
    url VARCHAR,
    url_key VARCHAR,
    reason VARCHAR NOT NULL,
    refused_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

-- Size and time of a vector file when its checksum was last found right.
CREATE TABLE store.checked_files (
    file_name VARCHAR NOT NULL,
    n_bytes BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL
);

ALTER TABLE store.corrections ADD COLUMN void_reason VARCHAR;

CREATE OR REPLACE VIEW corrections AS
    SELECT correction_id, kind, left_id, right_id, title, said_by, reason, said_at,
        undone_at, undone_by, undone_at IS NULL AS is_active, void_reason
    FROM store.corrections;
COMMENT ON VIEW corrections IS 'What people said about the clusters; it outlives every run.';
COMMENT ON COLUMN corrections.correction_id IS 'Id of the correction.';
COMMENT ON COLUMN corrections.kind IS 'together, apart or pin_title.';
COMMENT ON COLUMN corrections.left_id IS 'First article, or the cluster or thread whose title is pinned.';
COMMENT ON COLUMN corrections.right_id IS 'Second article, NULL for a title.';
COMMENT ON COLUMN corrections.title IS 'The pinned title, or NULL.';
COMMENT ON COLUMN corrections.said_by IS 'Who said it.';
COMMENT ON COLUMN corrections.reason IS 'Why.';
COMMENT ON COLUMN corrections.said_at IS 'When, in UTC.';
COMMENT ON COLUMN corrections.undone_at IS 'When it was taken back in UTC, or NULL.';
COMMENT ON COLUMN corrections.undone_by IS 'Who took it back, or NULL.';
COMMENT ON COLUMN corrections.is_active IS 'Whether it holds.';
COMMENT ON COLUMN corrections.void_reason IS 'Why it holds no more although nobody took it back, or NULL.';

CREATE VIEW forgettings AS
    SELECT forgetting_id, asked, n_articles, begun_at, erased_at, run_id FROM store.forgettings;
COMMENT ON VIEW forgettings IS 'Removals of articles with everything derived from them.';
COMMENT ON COLUMN forgettings.forgetting_id IS 'Id of the removal.';
COMMENT ON COLUMN forgettings.asked IS 'What was to be forgotten, as it was asked.';
COMMENT ON COLUMN forgettings.n_articles IS 'Articles removed.';
COMMENT ON COLUMN forgettings.begun_at IS 'When the rows left the catalog, in UTC.';
COMMENT ON COLUMN forgettings.erased_at IS 'When the words were gone from the files too, in UTC; NULL before.';
COMMENT ON COLUMN forgettings.run_id IS 'Run that removed them.';

CREATE VIEW refused_articles AS
    SELECT article_id, url, reason, refused_at, run_id FROM store.refused_articles;
COMMENT ON VIEW refused_articles IS 'Articles forgotten for good: they are set aside when they come again.';
COMMENT ON COLUMN refused_articles.article_id IS 'Article that is refused.';
COMMENT ON COLUMN refused_articles.url IS 'Address that is refused with any text, or NULL where only the article is.';
COMMENT ON COLUMN refused_articles.reason IS 'Why, as it is told when the article comes again.';
COMMENT ON COLUMN refused_articles.refused_at IS 'When it was forgotten, in UTC.';
COMMENT ON COLUMN refused_articles.run_id IS 'Run that forgot it.';

COMMENT ON COLUMN story_events.kind IS 'born, grew, shrank, merged, split, continued, closed or removed.';
