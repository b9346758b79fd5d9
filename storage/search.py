"""Find paragraphs: those that a filter lets through, those of given hashes, those with given words.

Words are scored with BM25 (Robertson and Zaragoza 2009, equation 3.15) in SQL over the texts that
hold a word of the question; there is no index to keep.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from articles.normalize import tokenize_words
from storage.answers import PassageFilter, PassageHit
from storage.bulk import as_naive_utc, as_utc, list_records
from storage.catalog import Catalog

__all__ = ["filter_hashes", "list_hits", "search_words"]

_K1 = 1.2
_B = 0.75
_MAX_ASKED = 16
"""Words of a question that are looked up: the longest, which tend to be the rarest."""
_MAX_SCORED = 8
"""Of these the rarest are scored."""
_SAMPLE_TEXTS = 50_000
"""So many texts tell which words of a question are rare: each word costs a look at each text."""
_COMMON_SHARE = 0.02
"""A word in more of the texts than this tells little and is dropped if rarer ones are left."""
_MAX_TEXTS = 20_000
"""Words are left out, the commonest first, when all together would bring more texts than this."""
_FEW_PLACES = 64
"""Up to so many paragraphs are read one by one; more in one pass over all."""
_TOKEN_PATTERN = r"[\p{L}\p{M}\p{N}]+"  # noqa: S105 - a pattern of words


def _compile_filter(chosen: PassageFilter) -> tuple[str, dict[str, Any]]:
    """Return a condition over paragraphs `p` and articles `a`, and its parameters."""
    conditions = ["p.kind = 'body'", "a.superseded_by IS NULL"]
    parameters: dict[str, Any] = {}
    if chosen.since is not None:
        conditions.append("a.published_at >= $since")
        parameters["since"] = as_naive_utc(chosen.since)
    if chosen.until is not None:
        conditions.append("a.published_at < $until")
        parameters["until"] = as_naive_utc(chosen.until)
    if chosen.outlet is not None:
        conditions.append("lower(a.outlet) = lower($outlet)")
        parameters["outlet"] = chosen.outlet
    if chosen.agency is not None:
        conditions.append(
            "(a.article_id IN (SELECT article_id FROM store.wire_credits"
            " WHERE role IN ('source', 'contributor') AND lower(agency) = lower($agency))"
            " OR p.paragraph_id IN (SELECT paragraph_id FROM store.paragraph_sources"
            " WHERE lower(agency) = lower($agency)))"
        )
        parameters["agency"] = chosen.agency
    return " AND ".join(conditions), parameters


_FROM = "store.paragraphs p JOIN store.articles a USING (article_id)"


def filter_hashes(catalog: Catalog, chosen: PassageFilter) -> NDArray[np.int64] | None:
    """Return the distinct text hashes of body paragraphs let through, None for an open filter."""
    if chosen == PassageFilter():
        return None
    where, parameters = _compile_filter(chosen)
    table = catalog.database.fetch_table(
        f"SELECT DISTINCT p.text_hash FROM {_FROM} WHERE {where} ORDER BY 1", parameters
    )
    hashes: NDArray[np.int64] = table.column("text_hash").to_numpy().astype(np.int64)
    return hashes


def list_hits(
    catalog: Catalog,
    hashes: NDArray[np.int64],
    scores: NDArray[np.float32],
    *,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[PassageHit]:
    """Return the body paragraphs of these texts with their scores, best first, copies together.

    Texts that are no body paragraph, such as openings, give no hit: ask for some more than needed.
    """
    chosen = chosen or PassageFilter()
    where, parameters = _compile_filter(chosen)
    score_of = dict(zip(hashes.tolist(), np.asarray(scores, dtype=float).tolist(), strict=True))
    if not score_of:
        return []
    # the texts are read last, for the hits alone: reading all takes a second by the million
    columns = "rowid AS place, text_hash, article_id, kind"
    columns += ", paragraph_id" if chosen.agency is not None else ""
    marks = ", ".join("?" * len(score_of))
    found = catalog.database.fetch_table(
        f"SELECT {columns} FROM store.paragraphs WHERE kind = 'body' AND text_hash IN ({marks})",
        list(score_of),
    )
    points = [score_of[one] for one in found.column("text_hash").to_pylist()]
    found = found.append_column("score", pa.array(points, type=pa.float64()))
    with catalog.database.registered(found=found):
        best = catalog.database.fetch_table(
            "SELECT p.place, p.score FROM found p JOIN store.articles a USING (article_id)"
            f" WHERE {where} ORDER BY p.score DESC, p.text_hash, a.published_at NULLS LAST,"
            " p.article_id, p.place LIMIT $limit",
            {**parameters, "limit": limit},
        )
    return _read_hits(catalog, best)


def _read_hits(catalog: Catalog, best: pa.Table) -> list[PassageHit]:
    """Return the paragraphs at `place`, their row in the table, with their `score`."""
    places = best.column("place").to_pylist()
    columns = 'rowid AS place, paragraph_id, article_id, "position", "text" AS words, text_hash'
    one = f"SELECT {columns} FROM store.paragraphs WHERE rowid = ?"
    if not places:
        return []
    with catalog.database.registered(best=best):
        if len(places) <= _FEW_PLACES:
            texts = catalog.database.fetch_table(" UNION ALL ".join([one] * len(places)), places)
        else:
            texts = catalog.database.fetch_table(
                f"SELECT {columns} FROM store.paragraphs WHERE rowid IN (SELECT place FROM best)"
            )
        with catalog.database.registered(texts=texts):
            table = catalog.database.fetch_table(
                "WITH agencies AS (SELECT paragraph_id, list(DISTINCT agency ORDER BY agency) AS"
                "  agencies FROM store.paragraph_sources WHERE agency IS NOT NULL"
                "  AND paragraph_id IN (SELECT paragraph_id FROM texts) GROUP BY paragraph_id)"
                ' SELECT b.score, t.paragraph_id, t.article_id, t."position", t.words AS "text",'
                " t.text_hash, a.outlet, a.headline, a.url, a.published_at,"
                " coalesce(g.agencies, []) AS agencies FROM best b JOIN texts t USING (place)"
                " JOIN store.articles a USING (article_id)"
                " LEFT JOIN agencies g USING (paragraph_id)"
                " ORDER BY b.score DESC, t.text_hash, a.published_at NULLS LAST, t.paragraph_id"
            )
    return list_records(table, PassageHit, {"published_at": as_utc})


def search_words(
    catalog: Catalog, words: str, *, chosen: PassageFilter | None = None, limit: int = 20
) -> list[PassageHit]:
    """Return the body paragraphs that share the rarest words with `words`, best first."""
    terms = _split_terms(words)
    if not terms:
        return []
    where, parameters = _compile_filter(chosen or PassageFilter())
    n_texts, mean_words = _count_texts(catalog, where, parameters)
    shares = _estimate_shares(catalog, terms, where, parameters)
    asked = _choose_terms(terms, shares, n_texts)
    if not asked:
        return []
    listed = pa.table(
        {
            "term": pa.array(asked, type=pa.string()),
            "whole": pa.array([not _is_unspaced(term) for term in asked]),
        }
    )
    with catalog.database.registered(terms=listed):
        best = catalog.database.fetch_table(
            "WITH texts AS MATERIALIZED (SELECT p.rowid AS place, p.paragraph_id, p.n_words,"
            ' lower(p."text") AS low,'
            f" regexp_extract_all(lower(p.\"text\"), '{_TOKEN_PATTERN}') AS tokens"
            f' FROM {_FROM} WHERE {where} AND regexp_matches(p."text", $any)),'
            " weighted AS MATERIALIZED (SELECT t.term, t.whole,"
            "  ln(1 + ($n_texts - count(*) + 0.5) / (count(*) + 0.5)) AS weight"
            "  FROM texts x JOIN terms t ON contains(x.low, t.term) GROUP BY ALL),"
            " counted AS (SELECT x.place, x.paragraph_id, x.n_words, t.weight, CASE WHEN t.whole"
            "  THEN len(list_filter(x.tokens, lambda token: token = t.term))"
            "  ELSE (length(x.low) - length(replace(x.low, t.term, ''))) // length(t.term) END AS n"
            "  FROM texts x CROSS JOIN weighted t)"
            " SELECT place, sum(weight * n * ($k1 + 1) / (n + $k1 *"
            "  (1 - $b + $b * n_words / $mean_words))) AS score FROM counted WHERE n > 0"
            "  GROUP BY place, paragraph_id ORDER BY score DESC, paragraph_id LIMIT $limit",
            {
                **parameters,
                # one pass for all words; `lower` and `contains` would be one a word
                "any": "(?i)" + "|".join(map(re.escape, asked)),
                "k1": _K1,
                "b": _B,
                "n_texts": n_texts,
                "mean_words": mean_words,
                "limit": limit,
            },
        )
    return _read_hits(catalog, best)


def _split_terms(words: str) -> list[str]:
    """Return the distinct words of a question as the texts are split: letters and digits only."""
    pieces = [piece for word in tokenize_words(words) for piece in re.findall(r"[^\W_]+", word)]
    return sorted(dict.fromkeys(pieces), key=lambda piece: (-len(piece), piece))[:_MAX_ASKED]


def _is_unspaced(term: str) -> bool:
    """Tell whether a term may stand inside a longer run of letters: Thai, Chinese and beyond."""
    return any(ord(character) >= 0x0E00 for character in term)


def _count_texts(catalog: Catalog, where: str, parameters: dict[str, Any]) -> tuple[int, float]:
    """Return the number of texts and their mean length in words."""
    rows = catalog.database.fetch_rows(
        f"SELECT count(*), coalesce(avg(p.n_words), 1) FROM {_FROM} WHERE {where}", parameters
    )
    return int(rows[0][0]), max(float(rows[0][1]), 1.0)


def _estimate_shares(
    catalog: Catalog, terms: Sequence[str], where: str, parameters: dict[str, Any]
) -> list[float | None]:
    """Return the share of the texts that holds each term, seen on some; None for none of all."""
    counts = ", ".join(f"count(*) FILTER (WHERE contains(low, $t{n}))" for n in range(len(terms)))
    rows = catalog.database.fetch_rows(
        f'SELECT count(*), {counts} FROM (SELECT lower(p."text") AS low FROM {_FROM}'
        f" WHERE {where} LIMIT {_SAMPLE_TEXTS})",
        {**parameters, **{f"t{n}": term for n, term in enumerate(terms)}},
    )
    n_seen, *found = rows[0]
    is_all = n_seen < _SAMPLE_TEXTS
    return [None if is_all and not one else one / max(n_seen, 1) for one in found]


def _choose_terms(terms: Sequence[str], shares: Sequence[float | None], n_texts: int) -> list[str]:
    """Return the terms worth scoring, the rarest first."""
    present = sorted(
        (share, term) for share, term in zip(shares, terms, strict=True) if share is not None
    )
    telling = [one for one in present if one[0] <= _COMMON_SHARE] or present
    chosen: list[str] = []
    n_brought = 0.0
    for share, term in telling[:_MAX_SCORED]:
        n_brought += share * n_texts
        if chosen and n_brought > _MAX_TEXTS:
            break
        chosen.append(term)
    return chosen
