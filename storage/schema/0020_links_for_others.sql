-- Where an article is like very many others, some of its links stand for all of them.
ALTER TABLE store.links ADD COLUMN stands_for DOUBLE DEFAULT 1;

CREATE OR REPLACE VIEW links AS
    SELECT left_id, right_id, score, dense, sparse, names, shared_copy, time_penalty, gap_days,
        run_id, named_days, anchor_id, stands_for
    FROM store.links;
COMMENT ON VIEW links IS 'Scored pairs of articles with every component of the score. Of very many copies of one text each is linked with one that leads them, which speaks for it; where an article is like very many others, some of its links stand for the rest.';
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
COMMENT ON COLUMN links.named_days IS 'Whether both name the same weekdays, from -0.5 (others) to 0.5; 0 where one names none.';
COMMENT ON COLUMN links.anchor_id IS 'Which of the two speaks for the other, one of very many copies; NULL where neither does.';
COMMENT ON COLUMN links.stands_for IS 'Links that this one stands for: 1, and more of an article that is like very many others.';
