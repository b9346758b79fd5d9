-- Which wirethread made a run: what it computes may differ from one to the next.
ALTER TABLE store.runs ADD COLUMN version VARCHAR;

CREATE OR REPLACE VIEW runs AS
    SELECT run_id, started_at, finished_at, state, sources, counts, message, settings, version
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
COMMENT ON COLUMN runs.version IS 'Version of wirethread that ran, as 0.2.0; NULL for runs from before it was kept.';
