-- What the user asked to be told, and whether it was: written before it is sent, so that a run that
-- is killed in between is followed by one that sends it.
CREATE TABLE store.alerts (
    alert_id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    subject_id VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    found_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    n_attempts INTEGER NOT NULL,
    last_error VARCHAR,
    run_id VARCHAR NOT NULL
);

CREATE VIEW alerts AS
    SELECT alert_id, channel, rule, subject_id, payload, found_at, sent_at, n_attempts,
        last_error, run_id
    FROM store.alerts;
COMMENT ON VIEW alerts IS 'Alerts about stories and passages, each once for its rule and channel.';
COMMENT ON COLUMN alerts.alert_id IS 'Id that the receiver gets: the same when an alert is sent again.';
COMMENT ON COLUMN alerts.channel IS 'webhook or command.';
COMMENT ON COLUMN alerts.rule IS 'Setting that asked for it with its value, such as story_articles 10.';
COMMENT ON COLUMN alerts.subject_id IS 'Story cluster, or the article that copied passages come from.';
COMMENT ON COLUMN alerts.payload IS 'What is sent, as JSON.';
COMMENT ON COLUMN alerts.found_at IS 'When it was found, in UTC.';
COMMENT ON COLUMN alerts.sent_at IS 'When it was delivered in UTC, NULL while it is still to be sent.';
COMMENT ON COLUMN alerts.n_attempts IS 'How often sending was tried.';
COMMENT ON COLUMN alerts.last_error IS 'Why the last attempt failed, or NULL.';
COMMENT ON COLUMN alerts.run_id IS 'Run that found it.';
