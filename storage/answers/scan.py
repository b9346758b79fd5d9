"""Rank paragraphs by words without an index, by reading them all: seconds by the million.

Scored with BM25 (Robertson and Zaragoza 2009, equation 3.15) in SQL over the texts that hold a word
of the question. It answers where the index of words cannot, and is what the index is tested with.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import math
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from wirethread.storage.answers.filters import FROM_PARAGRAPHS, compile_filter
from wirethread.storage.answers.ranking import RankedPassage, list_ranked
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.words.terms import choose_terms, is_unspaced

__all__ = ["scan_words", "weigh_count", "weigh_scanned"]

_K1 = 1.2
_B = 0.75
_SAMPLE_TEXTS = 50_000
"""So many texts tell which words of a question are rare: each word costs a look at each text."""
_TOKEN_PATTERN = r"[\p{L}\p{M}\p{N}]+"  # noqa: S105 - a pattern of words


def scan_words(
    catalog: Catalog, terms: Sequence[str], *, chosen: PassageFilter, limit: int
) -> list[RankedPassage]:
    """Return the body paragraphs that share the rarest of `terms`, best first."""
    if not terms:
        return []
    where, parameters = compile_filter(chosen)
    n_texts, mean_words = _count_texts(catalog, where, parameters)
    shares = _estimate_shares(catalog, terms, where, parameters)
    asked = choose_terms(terms, shares, n_texts)
    if not asked:
        return []
    listed = pa.table(
        {
            "term": pa.array(asked, type=pa.string()),
            "whole": pa.array([not is_unspaced(term) for term in asked]),
        }
    )
    with catalog._database.registered(terms=listed):
        best = catalog._database.fetch_table(
            f"WITH texts AS MATERIALIZED (SELECT p.{catalog._database.place} AS place,"
            "  a.article_id,"
            "  p.paragraph_id, p.n_words,"
            ' lower(p."text") AS low,'
            f" regexp_extract_all(lower(p.\"text\"), '{_TOKEN_PATTERN}') AS tokens"
            f' FROM {FROM_PARAGRAPHS} WHERE {where} AND regexp_matches(p."text", $any)),'
            " counted AS MATERIALIZED (SELECT * FROM (SELECT x.place, x.article_id,"
            "  x.paragraph_id, x.n_words, t.term, CASE WHEN t.whole"
            "  THEN len(list_filter(x.tokens, lambda token: token = t.term))"
            "  ELSE (length(x.low) - length(replace(x.low, t.term, ''))) // length(t.term) END AS n"
            "  FROM texts x CROSS JOIN terms t) WHERE n > 0),"
            " weighted AS (SELECT term, ln(1 + ($n_texts - count(*) + 0.5) / (count(*) + 0.5))"
            "  AS weight FROM counted GROUP BY term)"
            " SELECT place, article_id, paragraph_id, sum(weight * n * ($k1 + 1) / (n + $k1 *"
            "  (1 - $b + $b * n_words / $mean_words))) AS score FROM counted JOIN weighted"
            "  USING (term) GROUP BY ALL ORDER BY score DESC, paragraph_id LIMIT $limit",
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
    return list_ranked(best)


def weigh_count(n_with: float, n_texts: int) -> float:
    """Return the weight of a word in so many of the texts, as BM25 weighs it."""
    return math.log(1.0 + (n_texts - n_with + 0.5) / (n_with + 0.5))


def weigh_scanned(catalog: Catalog, terms: Sequence[str]) -> dict[str, float]:
    """Return the weight of each word, from the texts themselves."""
    if not terms:
        return {}
    where, parameters = compile_filter(PassageFilter())
    n_texts, _ = _count_texts(catalog, where, parameters)
    shares = _estimate_shares(catalog, terms, where, parameters)
    return {
        term: weigh_count((share or 0.0) * n_texts, n_texts)
        for term, share in zip(terms, shares, strict=True)
    }


def _count_texts(catalog: Catalog, where: str, parameters: dict[str, Any]) -> tuple[int, float]:
    """Return the number of texts and their mean length in words."""
    rows = catalog._database.fetch_rows(
        f"SELECT count(*), coalesce(avg(p.n_words), 1) FROM {FROM_PARAGRAPHS} WHERE {where}",
        parameters,
    )
    return int(rows[0][0]), max(float(rows[0][1]), 1.0)


def _estimate_shares(
    catalog: Catalog, terms: Sequence[str], where: str, parameters: dict[str, Any]
) -> list[float | None]:
    """Return the share of the texts that holds each term, seen on some; None for none of all."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE {'contains(low' if is_unspaced(term) else 'list_contains(tokens'},"
        f" $t{n}))"
        for n, term in enumerate(terms)
    )
    rows = catalog._database.fetch_rows(
        f'SELECT count(*), {counts} FROM (SELECT lower(p."text") AS low,'
        f" regexp_extract_all(low, '{_TOKEN_PATTERN}') AS tokens FROM {FROM_PARAGRAPHS}"
        f" WHERE {where} LIMIT {_SAMPLE_TEXTS})",
        {**parameters, **{f"t{n}": term for n, term in enumerate(terms)}},
    )
    n_seen, *found = rows[0]
    is_all = n_seen < _SAMPLE_TEXTS
    return [None if is_all and not one else one / max(n_seen, 1) for one in found]
