-- What is remembered of the sources: feeds, entries, watched files, hosts, and what each gave.
CREATE TABLE store.source_feeds (
    source VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    moved_to VARCHAR,
    title VARCHAR,
    etag VARCHAR,
    last_modified VARCHAR,
    is_gone BOOLEAN NOT NULL,
    failures INTEGER NOT NULL,
    next_allowed_at TIMESTAMP
);

-- `state`: waiting (to be fetched), done, failed (set aside). Never fetched again unless `stamp` changes.
CREATE TABLE store.source_entries (
    source VARCHAR NOT NULL,
    entry_key VARCHAR NOT NULL,
    url VARCHAR,
    url_key VARCHAR,
    stamp VARCHAR NOT NULL,
    hints VARCHAR,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    next_allowed_at TIMESTAMP,
    reason VARCHAR,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE store.source_files (
    source VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    content_hash VARCHAR NOT NULL
);

CREATE TABLE store.source_hosts (
    origin VARCHAR NOT NULL,
    robots_status INTEGER,
    robots_text VARCHAR,
    robots_until TIMESTAMP,
    not_before TIMESTAMP,
    n_waits INTEGER NOT NULL
);

CREATE TABLE store.source_reports (
    source VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    message VARCHAR,
    last_status INTEGER,
    last_read_at TIMESTAMP NOT NULL,
    last_good_at TIMESTAMP,
    next_allowed_at TIMESTAMP,
    failures INTEGER NOT NULL,
    n_read BIGINT NOT NULL,
    n_new_articles BIGINT NOT NULL,
    n_known BIGINT NOT NULL,
    n_rejected BIGINT NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE VIEW sources AS
    SELECT source, kind, place, state, message, last_status, last_read_at, last_good_at,
        next_allowed_at, failures, n_read, n_new_articles, n_known, n_rejected,
        coalesce(e.n_waiting, 0) AS n_waiting, run_id
    FROM store.source_reports
    LEFT JOIN (
        SELECT source, count(*) FILTER (state = 'waiting') AS n_waiting
        FROM store.source_entries GROUP BY source
    ) e USING (source);
COMMENT ON VIEW sources IS 'What each source gave when it was last read, and what went wrong.';
COMMENT ON COLUMN sources.source IS 'Its name in the settings, or its address.';
COMMENT ON COLUMN sources.kind IS 'feed, url, urls, list, folder or file.';
COMMENT ON COLUMN sources.place IS 'Address, file or folder.';
COMMENT ON COLUMN sources.state IS 'good, unchanged, failed, gone or waiting.';
COMMENT ON COLUMN sources.message IS 'What went wrong, or NULL.';
COMMENT ON COLUMN sources.last_status IS 'Status of the last answer of its server, or NULL.';
COMMENT ON COLUMN sources.last_read_at IS 'When it was last tried, in UTC.';
COMMENT ON COLUMN sources.last_good_at IS 'When it was last read without trouble, in UTC, or NULL.';
COMMENT ON COLUMN sources.next_allowed_at IS 'Not tried again before this time, in UTC, or NULL.';
COMMENT ON COLUMN sources.failures IS 'How often in a row it failed.';
COMMENT ON COLUMN sources.n_read IS 'Articles that it gave then, known ones and rejected ones included.';
COMMENT ON COLUMN sources.n_new_articles IS 'Articles that were new then.';
COMMENT ON COLUMN sources.n_known IS 'Articles that were known then.';
COMMENT ON COLUMN sources.n_rejected IS 'Articles that were set aside then.';
COMMENT ON COLUMN sources.n_waiting IS 'Pages of it that are still to be fetched.';
COMMENT ON COLUMN sources.run_id IS 'Run that last read it.';
