-- Links, story clusters, story threads, their history, and what people said about them.
CREATE TABLE store.links (
    left_id VARCHAR NOT NULL,
    right_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    dense DOUBLE NOT NULL,
    sparse DOUBLE NOT NULL,
    names DOUBLE NOT NULL,
    shared_copy DOUBLE NOT NULL,
    time_penalty DOUBLE NOT NULL,
    gap_days DOUBLE,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_clusters (
    cluster_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    first_seen_at TIMESTAMP,
    last_seen_at TIMESTAMP,
    n_articles INTEGER NOT NULL,
    n_outlets INTEGER NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_cluster_articles (
    cluster_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_sources (
    cluster_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    counted BOOLEAN NOT NULL,
    source_group VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_threads (
    thread_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    first_seen_at TIMESTAMP,
    last_seen_at TIMESTAMP,
    names VARCHAR[] NOT NULL,
    numbers VARCHAR[] NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_thread_clusters (
    thread_id VARCHAR NOT NULL,
    cluster_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE store.story_events (
    event BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    subject_id VARCHAR NOT NULL,
    other_id VARCHAR,
    reason VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

-- Where an id that is no more went, of clusters and threads alike.
CREATE TABLE store.story_redirects (old_id VARCHAR NOT NULL, new_id VARCHAR NOT NULL);

CREATE TABLE store.corrections (
    correction_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    left_id VARCHAR NOT NULL,
    right_id VARCHAR,
    title VARCHAR,
    said_by VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    said_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    undone_by VARCHAR
);

CREATE VIEW links AS
    SELECT left_id, right_id, score, dense, sparse, names, shared_copy, time_penalty, gap_days,
        run_id
    FROM store.links;
COMMENT ON VIEW links IS 'Scored pairs of articles with every component of the score.';
COMMENT ON COLUMN links.left_id IS 'Article with the smaller id.';
COMMENT ON COLUMN links.right_id IS 'Article with the larger id.';
COMMENT ON COLUMN links.score IS 'The fused score.';
COMMENT ON COLUMN links.dense IS 'Cosine of the vectors of title and opening.';
COMMENT ON COLUMN links.sparse IS 'TF-IDF similarity.';
COMMENT ON COLUMN links.names IS 'Shared names and numbers.';
COMMENT ON COLUMN links.shared_copy IS 'Share of the text that is common copy.';
COMMENT ON COLUMN links.time_penalty IS 'What the time between them took from the score.';
COMMENT ON COLUMN links.gap_days IS 'Days between them, NULL where a time is unknown.';
COMMENT ON COLUMN links.run_id IS 'Run that scored the pair.';

CREATE VIEW story_cluster_sources AS
    SELECT cluster_id, article_id, counted, source_group, reason FROM store.story_sources;
COMMENT ON VIEW story_cluster_sources IS 'Which articles of a story cluster count as an independent source, and why.';
COMMENT ON COLUMN story_cluster_sources.cluster_id IS 'Story cluster.';
COMMENT ON COLUMN story_cluster_sources.article_id IS 'Article.';
COMMENT ON COLUMN story_cluster_sources.counted IS 'Whether it stands for its group; one article of a group does.';
COMMENT ON COLUMN story_cluster_sources.source_group IS 'The independent source it belongs to, such as an agency or a publisher.';
COMMENT ON COLUMN story_cluster_sources.reason IS 'Why it was counted or not.';

CREATE VIEW story_clusters AS
    SELECT c.cluster_id, c.title, c.first_seen_at, c.last_seen_at, c.n_articles, c.n_outlets,
        s.n_independent_sources, t.thread_id, c.run_id
    FROM store.story_clusters c
    LEFT JOIN (
        SELECT cluster_id, count(*) FILTER (WHERE counted) AS n_independent_sources
        FROM store.story_sources GROUP BY cluster_id
    ) s USING (cluster_id)
    LEFT JOIN store.story_thread_clusters t USING (cluster_id);
COMMENT ON VIEW story_clusters IS 'Articles about one happening.';
COMMENT ON COLUMN story_clusters.cluster_id IS 'Id that never changes meaning.';
COMMENT ON COLUMN story_clusters.title IS 'Headline that stands for it, or the title that was pinned.';
COMMENT ON COLUMN story_clusters.first_seen_at IS 'First known time of publication in UTC, or NULL.';
COMMENT ON COLUMN story_clusters.last_seen_at IS 'Last known time of publication in UTC, or NULL.';
COMMENT ON COLUMN story_clusters.n_articles IS 'Number of articles.';
COMMENT ON COLUMN story_clusters.n_outlets IS 'Number of outlets.';
COMMENT ON COLUMN story_clusters.n_independent_sources IS 'Number of sources once copies are counted once; NULL before they were counted.';
COMMENT ON COLUMN story_clusters.thread_id IS 'Story thread it belongs to, or NULL.';
COMMENT ON COLUMN story_clusters.run_id IS 'Run that last changed it.';

CREATE VIEW story_cluster_articles AS
    SELECT cluster_id, article_id FROM store.story_cluster_articles;
COMMENT ON VIEW story_cluster_articles IS 'Which articles a story cluster holds.';
COMMENT ON COLUMN story_cluster_articles.cluster_id IS 'Story cluster.';
COMMENT ON COLUMN story_cluster_articles.article_id IS 'Article.';

CREATE VIEW story_threads AS
    SELECT t.thread_id, t.title, t.state, t.first_seen_at, t.last_seen_at, t.names, t.numbers,
        c.n_clusters, a.n_articles, a.n_outlets, s.n_independent_sources, t.run_id
    FROM store.story_threads t
    LEFT JOIN (
        SELECT thread_id, count(*) AS n_clusters
        FROM store.story_thread_clusters GROUP BY thread_id
    ) c USING (thread_id)
    LEFT JOIN (
        SELECT thread_id, count(*) AS n_articles, count(DISTINCT outlet) AS n_outlets
        FROM store.story_thread_clusters
        JOIN store.story_cluster_articles USING (cluster_id)
        JOIN store.articles USING (article_id)
        GROUP BY thread_id
    ) a USING (thread_id)
    LEFT JOIN (
        SELECT thread_id, count(DISTINCT source_group) AS n_independent_sources
        FROM store.story_thread_clusters JOIN store.story_sources USING (cluster_id)
        GROUP BY thread_id
    ) s USING (thread_id);
COMMENT ON VIEW story_threads IS 'Story clusters that follow from one another over days or weeks.';
COMMENT ON COLUMN story_threads.thread_id IS 'Id that never changes meaning.';
COMMENT ON COLUMN story_threads.title IS 'Its most central headline, or the title that was pinned.';
COMMENT ON COLUMN story_threads.state IS 'developing, quiet or closed.';
COMMENT ON COLUMN story_threads.first_seen_at IS 'First known time of publication in UTC, or NULL.';
COMMENT ON COLUMN story_threads.last_seen_at IS 'Last known time of publication in UTC, or NULL.';
COMMENT ON COLUMN story_threads.names IS 'Names that characterise it, the most characteristic first.';
COMMENT ON COLUMN story_threads.numbers IS 'Numbers that characterise it, the most characteristic first.';
COMMENT ON COLUMN story_threads.n_clusters IS 'Number of story clusters.';
COMMENT ON COLUMN story_threads.n_articles IS 'Number of articles.';
COMMENT ON COLUMN story_threads.n_outlets IS 'Number of outlets.';
COMMENT ON COLUMN story_threads.n_independent_sources IS 'Number of different source groups; NULL before they were counted.';
COMMENT ON COLUMN story_threads.run_id IS 'Run that last changed it.';

CREATE VIEW story_thread_clusters AS
    SELECT thread_id, cluster_id, position FROM store.story_thread_clusters;
COMMENT ON VIEW story_thread_clusters IS 'Which story clusters a thread holds, in the order of time.';
COMMENT ON COLUMN story_thread_clusters.thread_id IS 'Story thread.';
COMMENT ON COLUMN story_thread_clusters.cluster_id IS 'Story cluster.';
COMMENT ON COLUMN story_thread_clusters.position IS 'Its place in the thread, from 0.';

CREATE VIEW story_events AS
    SELECT event, kind, subject_id, other_id, reason, recorded_at, run_id FROM store.story_events;
COMMENT ON VIEW story_events IS 'What happened to story clusters and threads, and why.';
COMMENT ON COLUMN story_events.event IS 'Number of the event, growing.';
COMMENT ON COLUMN story_events.kind IS 'born, grew, merged, split, continued, closed or removed.';
COMMENT ON COLUMN story_events.subject_id IS 'Cluster or thread it happened to.';
COMMENT ON COLUMN story_events.other_id IS 'Where a merge went or a split came from, or NULL.';
COMMENT ON COLUMN story_events.reason IS 'Why.';
COMMENT ON COLUMN story_events.recorded_at IS 'When, in UTC.';
COMMENT ON COLUMN story_events.run_id IS 'Run that recorded it.';

CREATE VIEW corrections AS
    SELECT correction_id, kind, left_id, right_id, title, said_by, reason, said_at,
        undone_at, undone_by, undone_at IS NULL AS is_active
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
