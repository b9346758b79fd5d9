-- A pattern made of an outlet's name takes a millisecond to compile: only words that no agency supplied are compared with it.
CREATE OR REPLACE VIEW copies AS
    WITH known AS (
        SELECT article_id, outlet, coalesce(first_published_at, published_at) AS published_at,
            coalesce(first_precision, published_precision) AS precision
        FROM store.articles WHERE superseded_by IS NULL
    ),
    carried AS (
        SELECT l.passage_id, l.article_id, l.begin AS place_begin, l."end" AS place_end,
            coalesce(l.relation, 'verbatim') AS relation, p.agency, p.origin_article_id
        FROM store.passage_places l JOIN store.passages p USING (passage_id)
    ),
    verdicts AS (
        SELECT left_article_id AS a_id, right_article_id AS b_id, left_begin AS a_begin,
            left_end AS a_end, right_begin AS b_begin, right_end AS b_end, relation, score
        FROM store.passage_verdicts WHERE is_match AND relation <> 'quotation'
    ),
    anchored AS (
        SELECT DISTINCT l.passage_id
        FROM store.passage_verdicts v
        JOIN carried l ON l.article_id = v.anchor_id
            AND l.place_begin < CASE v.anchor_id WHEN v.left_article_id THEN v.left_end ELSE v.right_end END
            AND CASE v.anchor_id WHEN v.left_article_id THEN v.left_begin ELSE v.right_begin END < l.place_end
        WHERE v.is_match AND v.anchor_id IS NOT NULL
    ),
    led AS (
        SELECT l.passage_id, arg_min(l.article_id, (l.article_id IS DISTINCT FROM l.origin_article_id,
            coalesce(k.published_at, TIMESTAMP '9999-01-01'), l.article_id)) AS first_id
        FROM carried l JOIN anchored USING (passage_id) JOIN known k ON k.article_id = l.article_id
        GROUP BY l.passage_id
    ),
    pairs AS (
        SELECT a_id, b_id, a_begin, a_end, b_begin, b_end, relation, score FROM verdicts
        UNION ALL
        SELECT f.article_id, l.article_id, f.place_begin, f.place_end, l.place_begin, l.place_end,
            l.relation, NULL
        FROM led d
        JOIN carried f ON f.passage_id = d.passage_id AND f.article_id = d.first_id
        JOIN carried l ON l.passage_id = d.passage_id AND l.article_id <> d.first_id
        WHERE NOT EXISTS (SELECT 1 FROM verdicts v
            WHERE v.a_id = least(f.article_id, l.article_id)
                AND v.b_id = greatest(f.article_id, l.article_id))
    ),
    placed AS (
        SELECT p.a_id, p.b_id, p.a_begin, p.a_end, p.b_begin, p.b_end, max(p.relation) AS relation,
            max(p.score) AS score,
            arg_min(struct_pack(passage_id := l.passage_id, agency := l.agency, origin_id := l.origin_article_id),
                (greatest(l.place_begin, p.a_begin) - least(l.place_end, p.a_end), l.place_begin, l.passage_id)) AS carried
        FROM pairs p LEFT JOIN carried l ON l.article_id = p.a_id
            AND l.place_begin < p.a_end AND p.a_begin < l.place_end
        GROUP BY p.a_id, p.b_id, p.a_begin, p.a_end, p.b_begin, p.b_end
    ),
    own AS (
        SELECT article_id, min(agency) AS agency FROM store.wire_credits
        WHERE rule = 'outlet' GROUP BY article_id
    ),
    told AS (
        SELECT p.* EXCLUDE (carried), p.carried.passage_id AS passage_id, p.carried.agency AS agency,
            p.carried.origin_id AS origin_id, a.outlet AS a_outlet, b.outlet AS b_outlet, a.published_at AS a_at, b.published_at AS b_at,
            a.precision = 'second' AND b.precision = 'second' AS is_exact,
            CASE
                WHEN p.carried.origin_id = p.a_id THEN 'a'
                WHEN p.carried.origin_id = p.b_id THEN 'b'
                WHEN x.agency = p.carried.agency AND y.agency IS DISTINCT FROM x.agency THEN 'a'
                WHEN y.agency = p.carried.agency AND x.agency IS DISTINCT FROM y.agency THEN 'b'
                WHEN a.published_at IS NULL OR b.published_at IS NULL
                    OR a.precision = 'unknown' OR b.precision = 'unknown' THEN NULL
                WHEN a.precision = 'second' AND b.precision = 'second' THEN
                    CASE WHEN a.published_at < b.published_at THEN 'a'
                        WHEN b.published_at < a.published_at THEN 'b' END
                WHEN date_diff('day', a.published_at::DATE, b.published_at::DATE) >= 2 THEN 'a'
                WHEN date_diff('day', b.published_at::DATE, a.published_at::DATE) >= 2 THEN 'b'
            END AS first_side
        FROM placed p JOIN known a ON a.article_id = p.a_id JOIN known b ON b.article_id = p.b_id
        LEFT JOIN own x ON x.article_id = p.a_id LEFT JOIN own y ON y.article_id = p.b_id
        WHERE coalesce(a.outlet <> b.outlet, true) -- no join by it
    ),
    turned AS (
        SELECT a_id AS from_id, b_id AS to_id, a_outlet AS from_outlet, b_outlet AS to_outlet, a_at AS from_at,
            b_at AS to_at, b_begin AS to_begin, b_end AS to_end, first_side IS NOT NULL AS is_directed,
            is_exact, relation, score, passage_id, agency, origin_id
        FROM told WHERE first_side = 'a' OR (first_side IS NULL AND a_id < b_id)
        UNION ALL
        SELECT b_id, a_id, b_outlet, a_outlet, b_at, a_at, a_begin, a_end, first_side IS NOT NULL, is_exact,
            relation, score, passage_id, agency, origin_id
        FROM told WHERE first_side = 'b' OR (first_side IS NULL AND b_id < a_id)
    ),
    counted AS (
        SELECT t.*, array_length(regexp_split_to_array(
            trim(substring(x.text, t.to_begin + 1, t.to_end - t.to_begin)), '\s+')) AS n_words,
            substring(x.text, greatest(t.to_begin - 400, 0) + 1, least(t.to_begin, 400)) || ' | '
                || substring(x.text, t.to_end + 1, 250) AS beside,
            regexp_replace(t.from_outlet, '^[Tt]he\s+', '') AS from_name,
            regexp_extract(y.url, '^https?://(?:www\.)?([^/:?#]+)', 1) AS from_site
        FROM turned t JOIN store.articles x ON x.article_id = t.to_id
        JOIN store.articles y ON y.article_id = t.from_id
    ),
    introduced AS ( -- behind CASE, or every row is compared with patterns of its own
        SELECT *, CASE WHEN agency IS NULL AND relation <> 'paraphrase' THEN
            coalesce(from_site <> '' AND contains(lower(beside), lower(from_site)), false)
            OR CASE WHEN contains(beside, regexp_extract(from_name, '\S+$')) THEN regexp_matches(beside,
                CASE WHEN regexp_matches(from_name, '[\s.]') THEN -- two words are nobody's but a name
                    '(?:^|[^\pL\pN])(?:' || regexp_escape(from_name) || '|[Tt]he '
                        || regexp_escape(regexp_extract(from_name, '\S+$')) || ')(?:[^\pL\pN]|$)'
                ELSE
                    '(?i:\b(?:according to|via|from|by|in|per|told|source|sources))\b:? (?:[Tt]he )?'
                        || regexp_escape(from_name) || '(?:[^\pL\pN]|$)'
                    || '|(?:^|[^\pL\pN])' || regexp_escape(from_name) || '(?:[’'']s)?(?:,? \pL+){0,3}:'
                    || '|(?:^|[^\pL\pN])' || regexp_escape(from_name) || '(?:[’'']s)?(?: \pL+){0,3}'
                        || ' (?:report(?:s|ed|ing)?|writes?|wrote|said|says|notes?|noted|reveal(?:s|ed)'
                        || '|explains?|explained)\b'
                END) ELSE false END ELSE false END AS is_introduced
        FROM counted
    ),
    ranked AS (
        SELECT *, (-n_words, to_begin, to_end, passage_id, relation) AS rank FROM introduced
    ),
    credits AS (
        SELECT article_id, list(DISTINCT lower(name)) AS names
        FROM (SELECT article_id, unnest([agency, origin]) AS name
            FROM store.wire_credits WHERE role <> 'photo' AND agency <> '')
        GROUP BY article_id
    )
    SELECT c.from_id AS from_article_id, c.to_id AS to_article_id, c.from_outlet, c.to_outlet,
        c.is_directed,
        CASE WHEN c.is_directed AND bool_and(c.is_exact)
            THEN (epoch(any_value(c.to_at)) - epoch(any_value(c.from_at))) / 60 END AS lag_minutes,
        any_value(c.from_at) AS from_published_at, any_value(c.to_at) AS to_published_at,
        count(*) AS n_passages, sum(c.n_words)::BIGINT AS n_words,
        arg_min(c.relation, c.rank) AS relation, arg_min(c.agency, c.rank) AS agency,
        bool_or(coalesce(list_contains(k.names, lower(c.agency))
            OR list_contains(k.names, lower(c.from_outlet)), false) OR c.is_introduced) AS is_credited,
        bool_and(coalesce(c.origin_id <> c.from_id AND c.origin_id <> c.to_id, c.agency IS NOT NULL))
            AS has_common_source,
        bool_or(c.is_introduced) AS is_excerpt,
        max(c.score) AS score, arg_min(c.passage_id, c.rank) AS passage_id
    FROM ranked c LEFT JOIN credits k ON k.article_id = c.to_id
    GROUP BY c.from_id, c.to_id, c.from_outlet, c.to_outlet, c.is_directed;
COMMENT ON VIEW copies IS 'Who ran whose words: two articles of different outlets, in their current versions, that carry the same copy. Of copy that ran in very many places each place stands beside the origin or first one, and beside those it was compared with. A shared quotation is no copy.';
COMMENT ON COLUMN copies.from_article_id IS 'Article that had the words first; where that is not known, the one with the smaller id.';
COMMENT ON COLUMN copies.to_article_id IS 'Article that ran them after it.';
COMMENT ON COLUMN copies.from_outlet IS 'Outlet of the first article.';
COMMENT ON COLUMN copies.to_outlet IS 'Outlet of the other one.';
COMMENT ON COLUMN copies.is_directed IS 'Whether it is known which of the two had the words first: from the origin of the passage, from an agency''s words in its own article, or from times. A mere day never decides it, unless two days lie between.';
COMMENT ON COLUMN copies.lag_minutes IS 'Minutes from the first to the other, NULL where one of the times is not exact or the order is not known; below 0 where an agency''s article came after one that has its words already.';
COMMENT ON COLUMN copies.from_published_at IS 'When the first was first published, in UTC, or NULL.';
COMMENT ON COLUMN copies.to_published_at IS 'When the other was first published, in UTC, or NULL.';
COMMENT ON COLUMN copies.n_passages IS 'Spans that they share.';
COMMENT ON COLUMN copies.n_words IS 'Words of those spans in the other article.';
COMMENT ON COLUMN copies.relation IS 'verbatim, edited or paraphrase, of the longest span, of equal ones the first in the other article.';
COMMENT ON COLUMN copies.agency IS 'Agency that supplied the longest of the spans that are an agency''s, or NULL.';
COMMENT ON COLUMN copies.is_credited IS 'Whether the other article credits that agency, or the outlet of the first article, with text, or is an excerpt.';
COMMENT ON COLUMN copies.has_common_source IS 'Whether both may have the words from a third: an agency or an article that is neither of them. Then neither need have copied the other.';
COMMENT ON COLUMN copies.is_excerpt IS 'Whether it quotes the first article as that outlet''s: beside a span, which is no agency''s copy, it names the outlet or gives its address.';
COMMENT ON COLUMN copies.score IS 'Score of the best verdict on their spans, 0 to 1; NULL where it follows from others.';
COMMENT ON COLUMN copies.passage_id IS 'Passage of the longest span, of equal ones the first in the other article, or NULL. Where several passages hold that span: the one that covers most of it, then the one that begins first, then the smallest id.';
