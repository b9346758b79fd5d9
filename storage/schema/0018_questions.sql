-- The questions that a newsroom asks first, as views: who copied whom, how much is wire, how far a
-- passage went, and which articles are one text.
ALTER TABLE store.duplicate_clusters ADD COLUMN chosen_by VARCHAR;
ALTER TABLE store.duplicate_cluster_articles ADD COLUMN score DOUBLE;
ALTER TABLE store.duplicate_cluster_articles ADD COLUMN reason VARCHAR;

CREATE OR REPLACE VIEW article_derivation AS
    SELECT article_id, derivation, share, reason, run_id, coalesce(copied_share, 0) AS copied_share,
        coalesce(shared_share, 0) AS shared_share, share AS wire_share
    FROM store.article_derivation;
COMMENT ON VIEW article_derivation IS 'How much of an article is wire copy.';
COMMENT ON COLUMN article_derivation.article_id IS 'Article.';
COMMENT ON COLUMN article_derivation.derivation IS 'wholly, partly, credited (it credits an agency, and no copy of one was traced: how much is not known) or not.';
COMMENT ON COLUMN article_derivation.share IS 'The same as wire_share, its name everywhere else.';
COMMENT ON COLUMN article_derivation.reason IS 'Why.';
COMMENT ON COLUMN article_derivation.run_id IS 'Run that decided this.';
COMMENT ON COLUMN article_derivation.copied_share IS 'Share of its body that ran elsewhere before, an agency''s or not.';
COMMENT ON COLUMN article_derivation.shared_share IS 'Share of its body that other articles have too, whoever had it first.';
COMMENT ON COLUMN article_derivation.wire_share IS 'Share of the characters of its body that was traced to agencies; never taken from a line that credits one.';

-- Verdicts as they are stored, and of copy that ran in very many places, each of which was compared
-- with an anchor only, its origin or first place beside every other: as many rows as places.
CREATE VIEW copies AS
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
        SELECT p.a_id, p.b_id, p.a_begin, p.a_end, p.b_begin, p.b_end, any_value(p.relation) AS relation,
            max(p.score) AS score,
            arg_max(struct_pack(passage_id := l.passage_id, agency := l.agency, origin_id := l.origin_article_id),
                least(l.place_end, p.a_end) - greatest(l.place_begin, p.a_begin)) AS carried
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
            trim(substring(x.text, t.to_begin + 1, t.to_end - t.to_begin)), '\s+')) AS n_words
        FROM turned t JOIN store.articles x ON x.article_id = t.to_id
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
        arg_max(c.relation, c.n_words) AS relation, arg_max(c.agency, c.n_words) AS agency,
        bool_or(coalesce(list_contains(k.names, lower(c.agency))
            OR list_contains(k.names, lower(c.from_outlet)), false)) AS is_credited,
        bool_and(coalesce(c.origin_id <> c.from_id AND c.origin_id <> c.to_id, c.agency IS NOT NULL))
            AS has_common_source,
        max(c.score) AS score, arg_max(c.passage_id, c.n_words) AS passage_id
    FROM counted c LEFT JOIN credits k ON k.article_id = c.to_id
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
COMMENT ON COLUMN copies.relation IS 'verbatim, edited or paraphrase, of the longest span.';
COMMENT ON COLUMN copies.agency IS 'Agency that supplied the longest of the spans that are an agency''s, or NULL.';
COMMENT ON COLUMN copies.is_credited IS 'Whether the other article credits that agency, or the outlet of the first article, with text.';
COMMENT ON COLUMN copies.has_common_source IS 'Whether both may have the words from a third: an agency or an article that is neither of them. Then neither need have copied the other.';
COMMENT ON COLUMN copies.score IS 'Score of the best verdict on their spans, 0 to 1; NULL where it follows from others.';
COMMENT ON COLUMN copies.passage_id IS 'Passage of the longest span, or NULL.';

CREATE VIEW outlet_wire_share AS
    WITH own AS (
        SELECT article_id, min(agency) AS agency FROM store.wire_credits
        WHERE rule = 'outlet' GROUP BY article_id
    ),
    told AS (
        SELECT DISTINCT article_id FROM store.wire_credits
        WHERE role IN ('source', 'contributor', 'syndicated')
    )
    SELECT a.outlet, a.published_at::DATE AS day, max(o.agency) AS own_agency,
        count(*) AS n_articles,
        count(*) FILTER (d.share > 0) AS n_with_wire,
        count(*) FILTER (d.share > 0 AND t.article_id IS NULL) AS n_uncredited,
        count(*) FILTER (d.derivation = 'wholly') AS n_wholly,
        count(*) FILTER (d.derivation = 'partly') AS n_partly,
        count(*) FILTER (d.derivation = 'credited') AS n_credited,
        avg(coalesce(d.share, 0)) AS wire_share, avg(coalesce(d.copied_share, 0)) AS copied_share
    FROM store.articles a LEFT JOIN store.article_derivation d USING (article_id)
    LEFT JOIN own o USING (article_id) LEFT JOIN told t USING (article_id)
    WHERE a.superseded_by IS NULL
    GROUP BY a.outlet, day;
COMMENT ON VIEW outlet_wire_share IS 'How much of what an outlet published on a day is wire copy; current versions only.';
COMMENT ON COLUMN outlet_wire_share.outlet IS 'Outlet.';
COMMENT ON COLUMN outlet_wire_share.day IS 'Day of publication in UTC, NULL for articles without a date.';
COMMENT ON COLUMN outlet_wire_share.own_agency IS 'The agency whose own outlet it is, or NULL.';
COMMENT ON COLUMN outlet_wire_share.n_articles IS 'Articles.';
COMMENT ON COLUMN outlet_wire_share.n_with_wire IS 'Of those, articles with words of an agency.';
COMMENT ON COLUMN outlet_wire_share.n_uncredited IS 'Of those, articles that credit nobody with text.';
COMMENT ON COLUMN outlet_wire_share.n_wholly IS 'Articles that are wholly wire copy.';
COMMENT ON COLUMN outlet_wire_share.n_partly IS 'Articles that are partly wire copy.';
COMMENT ON COLUMN outlet_wire_share.n_credited IS 'Articles that credit an agency of which no copy was traced.';
COMMENT ON COLUMN outlet_wire_share.wire_share IS 'Mean share of the body that was traced to agencies, 0 to 1.';
COMMENT ON COLUMN outlet_wire_share.copied_share IS 'Mean share of the body that ran elsewhere before, an agency''s or not, 0 to 1.';

CREATE VIEW agency_outlets AS
    WITH sizes AS (
        SELECT outlet, count(*) AS n FROM store.articles WHERE superseded_by IS NULL GROUP BY outlet
    )
    SELECT g.agency, a.outlet, count(*) AS n_articles,
        count(*) FILTER (g.basis <> 'declared') AS n_with_wire,
        count(*) FILTER (g.basis = 'proven') AS n_uncredited,
        sum(g.share) / any_value(s.n) AS wire_share,
        min(a.published_at) AS first_published_at, max(a.published_at) AS last_published_at
    FROM article_agencies g JOIN store.articles a USING (article_id) JOIN sizes s USING (outlet)
    WHERE a.article_id NOT IN (SELECT article_id FROM store.wire_credits WHERE rule = 'outlet')
    GROUP BY g.agency, a.outlet;
COMMENT ON VIEW agency_outlets IS 'Which outlet takes text from which agency, proven by copy or declared; the agencies'' own articles are left out.';
COMMENT ON COLUMN agency_outlets.agency IS 'Short name of the agency; of a syndicated text the publisher.';
COMMENT ON COLUMN agency_outlets.outlet IS 'Outlet.';
COMMENT ON COLUMN agency_outlets.n_articles IS 'Its articles that carry copy of the agency or credit it with text.';
COMMENT ON COLUMN agency_outlets.n_with_wire IS 'Of those, articles in which copy of it was traced.';
COMMENT ON COLUMN agency_outlets.n_uncredited IS 'Of those, articles that do not credit it.';
COMMENT ON COLUMN agency_outlets.wire_share IS 'Mean share of the agency''s words over all articles of the outlet, 0 to 1.';
COMMENT ON COLUMN agency_outlets.first_published_at IS 'When the first of these articles was published, in UTC, or NULL.';
COMMENT ON COLUMN agency_outlets.last_published_at IS 'When the last of these articles was published, in UTC, or NULL.';

CREATE VIEW passage_spread AS
    WITH places AS (
        SELECT l.passage_id, l.article_id, a.outlet,
            coalesce(a.first_published_at, a.published_at) AS published_at,
            coalesce(a.first_precision, a.published_precision) AS published_precision,
            min(l.relation) AS relation, p.agency, p.origin_article_id
        FROM store.passage_places l JOIN store.passages p USING (passage_id)
        JOIN store.articles a ON a.article_id = l.article_id
        WHERE a.superseded_by IS NULL
        GROUP BY ALL
    )
    SELECT s.passage_id,
        row_number() OVER (PARTITION BY s.passage_id ORDER BY s.published_at NULLS LAST, s.article_id)
            AS place_number,
        s.article_id, s.outlet, s.published_at, s.published_precision,
        CASE WHEN s.published_precision = 'second' THEN (epoch(s.published_at) - epoch(
            min(CASE s.published_precision WHEN 'second' THEN s.published_at END)
                OVER (PARTITION BY s.passage_id))) / 60 END AS lag_minutes,
        count(DISTINCT s.outlet) OVER (PARTITION BY s.passage_id
            ORDER BY s.published_at NULLS LAST, s.article_id ROWS UNBOUNDED PRECEDING) AS n_outlets,
        coalesce(s.article_id = s.origin_article_id, false) AS is_origin, s.relation, s.agency
    FROM places s;
COMMENT ON VIEW passage_spread IS 'How a passage went from outlet to outlet: every article that carries it, in the order of time; current versions only.';
COMMENT ON COLUMN passage_spread.passage_id IS 'Passage.';
COMMENT ON COLUMN passage_spread.place_number IS 'Place of the article in the order of time, from 1; undated ones last.';
COMMENT ON COLUMN passage_spread.article_id IS 'Article that carries it.';
COMMENT ON COLUMN passage_spread.outlet IS 'Its outlet.';
COMMENT ON COLUMN passage_spread.published_at IS 'When it was first published, in UTC, or NULL.';
COMMENT ON COLUMN passage_spread.published_precision IS 'second, day or unknown: how exactly that is known.';
COMMENT ON COLUMN passage_spread.lag_minutes IS 'Minutes since the first article whose time is exact; NULL where its own is not.';
COMMENT ON COLUMN passage_spread.n_outlets IS 'Outlets that had run the passage by then.';
COMMENT ON COLUMN passage_spread.is_origin IS 'Whether the passage comes from this article.';
COMMENT ON COLUMN passage_spread.relation IS 'How it relates to the origin: verbatim, edited or paraphrase; NULL for the origin.';
COMMENT ON COLUMN passage_spread.agency IS 'Agency that supplied the passage, or NULL.';

CREATE VIEW duplicates AS
    SELECT m.article_id, d.representative_id, m.score, m.reason, d.cluster_id, a.outlet,
        r.outlet AS representative_outlet, a.headline, a.published_at, d.origin_id, d.chosen_by
    FROM store.duplicate_clusters d JOIN store.duplicate_cluster_articles m USING (cluster_id)
    JOIN store.articles a ON a.article_id = m.article_id
    JOIN store.articles r ON r.article_id = d.representative_id
    WHERE m.article_id <> d.representative_id;
COMMENT ON VIEW duplicates IS 'Articles that are the text of another one, which stands for them: leaving these out leaves each text once. Which one stands for a cluster is set by duplicates.representative.';
COMMENT ON COLUMN duplicates.article_id IS 'Article that is a duplicate.';
COMMENT ON COLUMN duplicates.representative_id IS 'Article that stands for it.';
COMMENT ON COLUMN duplicates.score IS 'Shared runs of words over all runs of both, 0 to 1; 1 for the same words. NULL before the next run of an older archive.';
COMMENT ON COLUMN duplicates.reason IS 'What they have in common, in words.';
COMMENT ON COLUMN duplicates.cluster_id IS 'Duplicate cluster.';
COMMENT ON COLUMN duplicates.outlet IS 'Outlet of the duplicate.';
COMMENT ON COLUMN duplicates.representative_outlet IS 'Outlet of the article that stands for it.';
COMMENT ON COLUMN duplicates.headline IS 'Headline of the duplicate.';
COMMENT ON COLUMN duplicates.published_at IS 'When the duplicate was published, in UTC, or NULL.';
COMMENT ON COLUMN duplicates.origin_id IS 'Article of the cluster that ran first, or NULL where that is not known.';
COMMENT ON COLUMN duplicates.chosen_by IS 'Why that article stands for the cluster.';
