-- A mere day is no proof of having been first: a passage went to such a place by the end of that day,
-- where the view took the midnight before.
CREATE OR REPLACE VIEW passage_spread AS
    WITH places AS (
        SELECT l.passage_id, l.article_id, a.outlet,
            coalesce(a.first_published_at, a.published_at) AS published_at,
            coalesce(a.first_precision, a.published_precision) AS published_precision,
            min(l.relation) AS relation, p.agency, p.origin_article_id
        FROM store.passage_places l JOIN store.passages p USING (passage_id)
        JOIN store.articles a ON a.article_id = l.article_id
        WHERE a.superseded_by IS NULL
        GROUP BY ALL
    ),
    ordered AS (
        SELECT *, CASE published_precision WHEN 'second' THEN published_at
            ELSE date_trunc('day', published_at) + to_microseconds(86399999999) END AS by_then
        FROM places
    )
    SELECT s.passage_id,
        row_number() OVER (PARTITION BY s.passage_id ORDER BY s.by_then NULLS LAST, s.article_id)
            AS place_number,
        s.article_id, s.outlet, s.published_at, s.published_precision,
        CASE WHEN s.published_precision = 'second' THEN (epoch(s.published_at) - epoch(
            min(CASE s.published_precision WHEN 'second' THEN s.published_at END)
                OVER (PARTITION BY s.passage_id))) / 60 END AS lag_minutes,
        count(DISTINCT s.outlet) OVER (PARTITION BY s.passage_id
            ORDER BY s.by_then NULLS LAST, s.article_id ROWS UNBOUNDED PRECEDING) AS n_outlets,
        coalesce(s.article_id = s.origin_article_id, false) AS is_origin, s.relation, s.agency
    FROM ordered s;
COMMENT ON VIEW passage_spread IS 'How a passage went from outlet to outlet: every article that carries it, in the order of time; current versions only.';
COMMENT ON COLUMN passage_spread.passage_id IS 'Passage.';
COMMENT ON COLUMN passage_spread.place_number IS 'Place of the article in the order of time, from 1; one of which only the day is known behind those of that day, undated ones last.';
COMMENT ON COLUMN passage_spread.article_id IS 'Article that carries it.';
COMMENT ON COLUMN passage_spread.outlet IS 'Its outlet.';
COMMENT ON COLUMN passage_spread.published_at IS 'When it was first published, in UTC, or NULL.';
COMMENT ON COLUMN passage_spread.published_precision IS 'second, day or unknown: how exactly that is known.';
COMMENT ON COLUMN passage_spread.lag_minutes IS 'Minutes since the first article whose time is exact; NULL where its own is not.';
COMMENT ON COLUMN passage_spread.n_outlets IS 'Outlets that had run the passage by then.';
COMMENT ON COLUMN passage_spread.is_origin IS 'Whether the passage comes from this article.';
COMMENT ON COLUMN passage_spread.relation IS 'How it relates to the origin: verbatim, edited or paraphrase; NULL for the origin.';
COMMENT ON COLUMN passage_spread.agency IS 'Agency that supplied the passage, or NULL.';
