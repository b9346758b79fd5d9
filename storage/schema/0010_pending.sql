-- What is left to do, and what is near, is found without a look at the whole archive.

-- Every article that does not wait in `step_pending` was dealt with by `step` under `version`.
CREATE TABLE store.step_versions (
    step VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
CREATE TABLE store.step_pending (step VARCHAR NOT NULL, article_id VARCHAR NOT NULL);

INSERT INTO store.step_versions
    SELECT step, arg_max(version, last_run), max(last_run) FROM (
        SELECT step, version, max(run_id) AS last_run FROM store.step_done GROUP BY step, version
    ) GROUP BY step ORDER BY step;
INSERT INTO store.step_pending
    SELECT step, article_id FROM (
        SELECT v.step, v.version, a.article_id FROM store.step_versions v CROSS JOIN store.articles a
    ) ANTI JOIN store.step_done USING (step, version, article_id)
    ORDER BY step, article_id;
DROP TABLE store.step_done;

-- `written` is the content version at which a row was written, so rows lie in its order, and those
-- about an article never have a smaller one than the article. 0 for all that was there before.
ALTER TABLE store.articles ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.paragraphs ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.wire_credits ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.passage_verdicts ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.passage_places ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.paragraph_sources ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.article_derivation ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.article_agency_shares ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.duplicate_cluster_articles ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.links ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.story_cluster_articles ADD COLUMN written BIGINT DEFAULT 0;
ALTER TABLE store.story_sources ADD COLUMN written BIGINT DEFAULT 0;

-- Story clusters whose members may not be those whose sources were counted last.
CREATE TABLE store.uncounted_clusters (cluster_id VARCHAR NOT NULL);
INSERT INTO store.uncounted_clusters
    SELECT cluster_id FROM store.story_cluster_articles
        ANTI JOIN store.story_sources USING (cluster_id, article_id)
    UNION SELECT cluster_id FROM store.story_sources
        ANTI JOIN store.story_cluster_articles USING (cluster_id, article_id)
    ORDER BY cluster_id;
