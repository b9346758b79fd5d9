-- Of copy that ran in very many places, each is compared with an anchor, and not with each other.
ALTER TABLE store.passage_verdicts ADD COLUMN anchor_id VARCHAR;

CREATE OR REPLACE VIEW passage_verdicts AS
    SELECT left_article_id, right_article_id, left_begin, left_end, right_begin, right_end,
        relation, score, similarity, containment_left, containment_right, is_match, reason, run_id,
        anchor_id
    FROM store.passage_verdicts;
COMMENT ON VIEW passage_verdicts IS 'Every verdict on two spans of two articles that were compared, accepted or not. Of a text that ran in very many places each is compared with an anchor, not with every other.';
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
COMMENT ON COLUMN passage_verdicts.anchor_id IS 'Which of the two articles stands for many others with these words, NULL where neither does.';

-- Verdicts that were reached, and those that follow: two places of one passage, at least one of
-- which was compared with an anchor in place of the others. They are worked out when asked for.
CREATE OR REPLACE VIEW passage_matches AS
    WITH superseded AS (SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL),
    led AS (
        SELECT article_id, span_begin, span_end, anchor_id, relation, score, containment FROM (
            SELECT left_article_id AS article_id, left_begin AS span_begin, left_end AS span_end,
                anchor_id, relation, score, least(containment_left, containment_right) AS containment
            FROM store.passage_verdicts WHERE is_match AND anchor_id = right_article_id
            UNION ALL
            SELECT right_article_id, right_begin, right_end, anchor_id, relation, score,
                least(containment_left, containment_right)
            FROM store.passage_verdicts WHERE is_match AND anchor_id = left_article_id
        )
    ),
    places AS (
        SELECT p.passage_id, p.article_id, p.begin AS span_begin, p."end" AS span_end, p.run_id,
            max(l.anchor_id) AS anchor_id, max(l.score) AS score, max(l.containment) AS containment,
            max(CASE l.relation WHEN 'verbatim' THEN 1 WHEN 'edited' THEN 2 ELSE 3 END) AS distance
        FROM store.passage_places p LEFT JOIN led l ON l.article_id = p.article_id
            AND l.span_begin < p."end" AND p.begin < l.span_end
        GROUP BY ALL
    )
    SELECT left_article_id, right_article_id, left_begin, left_end, right_begin, right_end,
        relation, score, similarity, containment_left, containment_right, reason, run_id
    FROM store.passage_verdicts
    WHERE is_match
    AND left_article_id NOT IN (SELECT article_id FROM superseded)
    AND right_article_id NOT IN (SELECT article_id FROM superseded)
    UNION ALL
    SELECT a.article_id, b.article_id, a.span_begin, a.span_end, b.span_begin, b.span_end,
        CASE greatest(CASE WHEN a.anchor_id IS NULL THEN 1 ELSE a.distance END,
            CASE WHEN b.anchor_id IS NULL THEN 1 ELSE b.distance END)
            WHEN 1 THEN 'verbatim' WHEN 2 THEN 'edited' ELSE 'paraphrase' END,
        least(a.score, b.score), NULL::DOUBLE, least(a.containment, b.containment),
        least(a.containment, b.containment),
        'both carry the words of ' || coalesce(a.anchor_id, b.anchor_id)
            || ', with which each of very many places was compared',
        greatest(a.run_id, b.run_id)
    FROM places a JOIN places b ON a.passage_id = b.passage_id AND a.article_id < b.article_id
    JOIN store.articles s ON s.article_id = a.article_id
    JOIN store.articles t ON t.article_id = b.article_id
    WHERE (a.anchor_id IS NOT NULL OR b.anchor_id IS NOT NULL) AND s.outlet <> t.outlet
    AND NOT EXISTS (SELECT 1 FROM store.passage_verdicts v
        WHERE v.left_article_id = a.article_id AND v.right_article_id = b.article_id);
COMMENT ON VIEW passage_matches IS 'Two spans of different articles, both current versions, that carry the same copy. Of copy that ran in very many places only the matches with its anchors are stored; those of the places with one another are worked out from them here, when they are asked for.';
COMMENT ON COLUMN passage_matches.left_article_id IS 'Article with the smaller id.';
COMMENT ON COLUMN passage_matches.right_article_id IS 'Article with the larger id.';
COMMENT ON COLUMN passage_matches.left_begin IS 'First character of the span in the left article.';
COMMENT ON COLUMN passage_matches.left_end IS 'One past its last character.';
COMMENT ON COLUMN passage_matches.right_begin IS 'First character of the span in the right article.';
COMMENT ON COLUMN passage_matches.right_end IS 'One past its last character.';
COMMENT ON COLUMN passage_matches.relation IS 'verbatim, edited, paraphrase, or quotation (shared words of a third person, no copy).';
COMMENT ON COLUMN passage_matches.score IS 'Between 0 and 1; of a match that was worked out, the lower of the two with the anchor.';
COMMENT ON COLUMN passage_matches.similarity IS 'Cosine of the two vectors, NULL where none was computed.';
COMMENT ON COLUMN passage_matches.containment_left IS 'Share of the words on the left that stand on the right, in order.';
COMMENT ON COLUMN passage_matches.containment_right IS 'Share of the words on the right that stand on the left, in order.';
COMMENT ON COLUMN passage_matches.reason IS 'Why it was accepted.';
COMMENT ON COLUMN passage_matches.run_id IS 'Run that reached the verdict.';
