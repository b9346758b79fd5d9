"""Find paragraphs: those that a filter lets through, those of given texts, those with given words.

What is found is ranked first, and read last: reading the texts of all that was ranked costs most.
With an index of words (`storage/words_index.py`) a ranking costs the same at any size. Without one
it is made by reading, which `storage/word_scan.py` does for words; both give the same passages.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from storage.answers import PassageFilter, PassageHit
from storage.bulk import as_utc, list_records
from storage.catalog import Catalog
from storage.passage_filters import compile_filter
from storage.ranking import RankedPassage, list_ranked
from storage.terms import choose_terms, split_terms
from storage.word_scan import scan_words
from storage.words_index import WordsIndex, WordsIndexError

__all__ = ["list_hits", "rank_texts", "rank_words", "read_hits", "search_words"]

_FEW_PLACES = 64
"""Up to so many paragraphs are read one by one; more in one pass over all."""
_MORE = 8
"""So many times more are asked for where a filter let too few through."""


def rank_texts(
    catalog: Catalog,
    hashes: NDArray[np.int64],
    scores: NDArray[np.float32],
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[RankedPassage]:
    """Return the body paragraphs of these texts with their scores, best first, copies together.

    Texts that are no body paragraph, such as openings, give none: ask for some more than needed.
    """
    points = np.asarray(scores, dtype=np.float64)
    if not len(hashes):
        return []
    found = (
        _scan_texts(catalog, hashes, points) if index is None else index.find_texts(hashes, points)
    )
    return _rank(
        catalog,
        found,
        chosen or PassageFilter(),
        "p.score DESC, p.text_hash, a.published_at NULLS LAST, p.article_id, p.place",
        limit,
    )


def _scan_texts(
    catalog: Catalog, hashes: NDArray[np.int64], scores: NDArray[np.float64]
) -> pa.Table:
    score_of = dict(zip(hashes.tolist(), scores.tolist(), strict=True))
    marks = ", ".join("?" * len(score_of))
    found = catalog.database.fetch_table(
        "SELECT rowid AS place, text_hash, article_id, paragraph_id FROM store.paragraphs"
        f" WHERE kind = 'body' AND text_hash IN ({marks})",
        list(score_of),
    )
    points = [score_of[one] for one in found.column("text_hash").to_pylist()]
    return found.append_column("score", pa.array(points, type=pa.float64()))


def rank_words(
    catalog: Catalog,
    words: str,
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[RankedPassage]:
    """Return the body paragraphs that share the rarest words with `words`, best first."""
    chosen = chosen or PassageFilter()
    terms = split_terms(words)
    if index is None or not terms:
        return scan_words(catalog, terms, chosen=chosen, limit=limit)
    forms = {term: index.find_forms(term) for term in terms}
    shares = [sum(n for _, n in forms[term]) / max(index.n_rows, 1) or None for term in terms]
    asked = [form for term in choose_terms(terms, shares, index.n_rows) for form, _ in forms[term]]
    if not asked:
        return []
    n_asked = 2 * limit + 10
    while True:
        found = index.search(asked, n_asked)
        ranked = _rank(catalog, found, chosen, "p.score DESC, p.paragraph_id", limit)
        if len(ranked) == limit or len(found) < n_asked:
            break
        n_asked *= _MORE
    if len(ranked) < limit and chosen != PassageFilter():
        # what is rare in the archive need not be in what the filter lets through
        return scan_words(catalog, terms, chosen=chosen, limit=limit)
    return ranked


def _rank(
    catalog: Catalog, found: pa.Table, chosen: PassageFilter, order: str, limit: int
) -> list[RankedPassage]:
    """Return the first of `found` (place, text_hash, article_id, paragraph_id, score) in order."""
    where, parameters = compile_filter(chosen)
    with catalog.database.registered(found=found):
        best = catalog.database.fetch_table(
            "SELECT p.place, p.paragraph_id, p.score FROM (SELECT *, 'body' AS kind FROM found) p"
            f" JOIN store.articles a USING (article_id) WHERE {where}"
            f" ORDER BY {order} LIMIT $limit",
            {**parameters, "limit": limit},
        )
    return list_ranked(best)


def read_hits(catalog: Catalog, ranked: Sequence[RankedPassage]) -> list[PassageHit]:
    """Return the paragraphs in the order given.

    Raises `WordsIndexError` where another paragraph, or none, stands in the place of one.
    """
    if not ranked:
        return []
    places = [one.place for one in ranked]
    columns = 'rowid AS place, paragraph_id, article_id, "position", "text" AS words, text_hash'
    one = f"SELECT {columns} FROM store.paragraphs WHERE rowid = ?"
    if len(places) <= _FEW_PLACES:
        texts = catalog.database.fetch_table(" UNION ALL ".join([one] * len(places)), places)
    else:
        listed = pa.table({"place": pa.array(places, type=pa.int64())})
        with catalog.database.registered(listed=listed):
            texts = catalog.database.fetch_table(
                f"SELECT {columns} FROM store.paragraphs WHERE rowid IN (SELECT place FROM listed)"
            )
    read = dict(
        zip(
            texts.column("place").to_pylist(), texts.column("paragraph_id").to_pylist(), strict=True
        )
    )
    if any(read.get(one.place) != one.paragraph_id for one in ranked):
        raise WordsIndexError("the index of words belongs to another snapshot")
    scores = {one.paragraph_id: one.score for one in ranked}
    with catalog.database.registered(texts=texts):
        table = catalog.database.fetch_table(
            "WITH agencies AS (SELECT paragraph_id, list(DISTINCT agency ORDER BY agency) AS"
            "  agencies FROM store.paragraph_sources WHERE agency IS NOT NULL"
            "  AND paragraph_id IN (SELECT paragraph_id FROM texts) GROUP BY paragraph_id)"
            ' SELECT t.paragraph_id, t.article_id, t."position", t.words AS "text",'
            " t.text_hash, a.outlet, a.headline, a.url, a.published_at,"
            " coalesce(g.agencies, []) AS agencies FROM texts t"
            " JOIN store.articles a USING (article_id)"
            " LEFT JOIN agencies g USING (paragraph_id)"
        )

    def build(**columns: Any) -> PassageHit:
        return PassageHit(score=scores[columns["paragraph_id"]], **columns)

    hits = list_records(table, build, {"published_at": as_utc})
    order = {one.paragraph_id: number for number, one in enumerate(ranked)}
    return sorted(hits, key=lambda hit: order[hit.paragraph_id])


def list_hits(
    catalog: Catalog,
    hashes: NDArray[np.int64],
    scores: NDArray[np.float32],
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[PassageHit]:
    """Return what `rank_texts` ranks."""
    return read_hits(
        catalog, rank_texts(catalog, hashes, scores, index=index, chosen=chosen, limit=limit)
    )


def search_words(
    catalog: Catalog,
    words: str,
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[PassageHit]:
    """Return what `rank_words` ranks."""
    return read_hits(catalog, rank_words(catalog, words, index=index, chosen=chosen, limit=limit))
