COMMENT ON COLUMN links.time_penalty IS 'What the time between them, and figures of theirs that disagree, took from the score.';
