"""Find paragraphs: those that a filter lets through, those of given hashes, those with given words.

Words are scored with BM25 (Robertson and Zaragoza 2009, equation 3.15) in SQL over the texts that
hold a word of the question; there is no index to keep.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import math
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
"""Words of a question that are looked up: the longest, which tend to be the rarest. Each costs a
pass over the texts, about 20 ms for 300,000 paragraphs."""
_MAX_SCORED = 8
"""Of these the rarest are scored."""
_COMMON_SHARE = 0.02
"""A word in more of the texts than this tells little and is dropped if rarer ones are left."""
_HIT_COLUMNS = (
    'p.paragraph_id, p.article_id, p."position", p."text" AS text, p.text_hash, a.outlet,'
    " a.headline, a.url, a.published_at,"
    " coalesce((SELECT list(DISTINCT s.agency ORDER BY s.agency) FROM store.paragraph_sources s"
    "  WHERE s.paragraph_id = p.paragraph_id AND s.agency IS NOT NULL), []) AS agencies"
)
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
    where, parameters = _compile_filter(chosen or PassageFilter())
    asked = pa.table(
        {
            "text_hash": pa.array(hashes, type=pa.int64()),
            "score": pa.array(np.asarray(scores, dtype=np.float64)),
        }
    )
    with catalog.database.registered(asked=asked):
        table = catalog.database.fetch_table(
            f"SELECT q.score, {_HIT_COLUMNS} FROM asked q JOIN store.paragraphs p USING (text_hash)"
            f" JOIN store.articles a USING (article_id) WHERE {where}"
            " ORDER BY q.score DESC, p.text_hash, a.published_at NULLS LAST, p.paragraph_id"
            " LIMIT $limit",
            {**parameters, "limit": limit},
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
    n_texts, mean_words, frequencies = _count_terms(catalog, terms, where, parameters)
    weights = _choose_terms(terms, frequencies, n_texts)
    if not weights:
        return []
    scored = pa.table(
        {
            "term": pa.array(list(weights), type=pa.string()),
            "weight": pa.array(list(weights.values()), type=pa.float64()),
            "whole": pa.array([not _is_unspaced(term) for term in weights]),
        }
    )
    holds_any = " OR ".join(f'contains(lower(p."text"), $t{n})' for n in range(len(weights)))
    parameters |= {f"t{n}": term for n, term in enumerate(weights)}
    with catalog.database.registered(terms=scored):
        table = catalog.database.fetch_table(
            "WITH texts AS MATERIALIZED (SELECT p.paragraph_id, p.n_words,"
            ' lower(p."text") AS low,'
            f" regexp_extract_all(lower(p.\"text\"), '{_TOKEN_PATTERN}') AS tokens"
            f" FROM {_FROM} WHERE {where} AND ({holds_any})),"
            " counted AS (SELECT x.paragraph_id, x.n_words, t.weight, CASE WHEN t.whole"
            "  THEN len(list_filter(x.tokens, lambda token: token = t.term))"
            "  ELSE (length(x.low) - length(replace(x.low, t.term, ''))) // length(t.term) END AS n"
            "  FROM texts x CROSS JOIN terms t),"
            " best AS (SELECT paragraph_id, sum(weight * n * ($k1 + 1) / (n + $k1 *"
            "  (1 - $b + $b * n_words / $mean_words))) AS score FROM counted WHERE n > 0"
            "  GROUP BY paragraph_id ORDER BY score DESC, paragraph_id LIMIT $limit)"
            f" SELECT q.score, {_HIT_COLUMNS} FROM best q JOIN store.paragraphs p"
            " USING (paragraph_id) JOIN store.articles a USING (article_id)"
            " ORDER BY q.score DESC, p.text_hash, a.published_at NULLS LAST, p.paragraph_id",
            {**parameters, "k1": _K1, "b": _B, "mean_words": mean_words, "limit": limit},
        )
    return list_records(table, PassageHit, {"published_at": as_utc})


def _split_terms(words: str) -> list[str]:
    """Return the distinct words of a question as the texts are split: letters and digits only."""
    pieces = [piece for word in tokenize_words(words) for piece in re.findall(r"[^\W_]+", word)]
    return sorted(dict.fromkeys(pieces), key=lambda piece: (-len(piece), piece))[:_MAX_ASKED]


def _is_unspaced(term: str) -> bool:
    """Tell whether a term may stand inside a longer run of letters: Thai, Chinese and beyond."""
    return any(ord(character) >= 0x0E00 for character in term)


def _count_terms(
    catalog: Catalog, terms: Sequence[str], where: str, parameters: dict[str, Any]
) -> tuple[int, float, list[int]]:
    """Return the number of texts, their mean length in words, and the texts that hold each term."""
    counts = ", ".join(f"count(*) FILTER (WHERE contains(low, $t{n}))" for n in range(len(terms)))
    rows = catalog.database.fetch_rows(
        f"SELECT count(*), coalesce(avg(n_words), 1), {counts} FROM"
        f' (SELECT lower(p."text") AS low, p.n_words FROM {_FROM} WHERE {where})',
        {**parameters, **{f"t{n}": term for n, term in enumerate(terms)}},
    )
    n_texts, mean_words, *frequencies = rows[0]
    return n_texts, max(float(mean_words), 1.0), frequencies


def _choose_terms(
    terms: Sequence[str], frequencies: Sequence[int], n_texts: int
) -> dict[str, float]:
    """Return the terms worth scoring with their inverse document frequency, the rarest first."""
    present = sorted(
        (frequency, term)
        for term, frequency in zip(terms, frequencies, strict=True)
        if frequency > 0
    )
    telling = [one for one in present if one[0] <= _COMMON_SHARE * n_texts] or present
    return {
        term: math.log(1 + (n_texts - frequency + 0.5) / (frequency + 0.5))
        for frequency, term in telling[:_MAX_SCORED]
    }
