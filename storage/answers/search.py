"""Find paragraphs: those that a filter lets through, those of given texts, those with given words.

What is found is ranked first, and read last: reading the texts of all that was ranked costs most.
With an index of words (`storage/words/index.py`) a ranking costs the same at any size. Without one
it is made by reading, which `storage/answers/scan.py` does for words; both give the same passages.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.articles.types.articles import (
    ArticleId,
    ParagraphId,
    PassageId,
    TextHash,
    TimePrecision,
)
from wirethread.storage.answers.filters import LetThrough, compile_filter, find_let_through
from wirethread.storage.answers.ranking import RankedPassage
from wirethread.storage.answers.scan import scan_words, weigh_count, weigh_scanned
from wirethread.storage.answers.types import PassageFilter, PassageHit
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, list_rows, quote_all
from wirethread.storage.engine.directory import fetch_about
from wirethread.storage.words.index import WordsIndex, WordsIndexError
from wirethread.storage.words.terms import MOST_TEXTS, choose_terms, split_terms

__all__ = [
    "rank_texts",
    "rank_words",
    "read_hits",
    "weigh_words",
]

_FEW = 1_000
"""Up to so many ids are written into a statement."""
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
    superseded: Collection[str] | None = None,
) -> list[RankedPassage]:
    """Return the body paragraphs of these texts with their scores, best first, copies together.

    `hashes` int64[n] are distinct texts, `scores` float32[n] theirs: higher is nearer. Of copies
    the earliest stand first. Who knows which articles are `superseded` spares reading the articles;
    copies then stand by the ids of their articles. Texts that are no body paragraph, such as
    openings, give none: ask for some more than needed.
    """
    points = np.asarray(scores, dtype=np.float64)
    if not len(hashes):
        return []
    found = (
        _scan_texts(catalog, hashes, points) if index is None else index.find_texts(hashes, points)
    )
    if not len(found):
        return []
    return _rank(
        catalog, found, chosen or PassageFilter(), limit, superseded, are_copies_together=True
    )


def _scan_texts(
    catalog: Catalog, hashes: NDArray[np.int64], scores: NDArray[np.float64]
) -> pa.Table:
    score_of = dict(zip(hashes.tolist(), scores.tolist(), strict=True))
    marks = ", ".join("?" * len(score_of))
    found = catalog._database.fetch_table(
        f"SELECT {catalog._database.place} AS place, text_hash, article_id, paragraph_id"
        " FROM store.paragraphs"
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
    superseded: Collection[str] | None = None,
) -> list[RankedPassage]:
    """Return the body paragraphs that share the rarest words with `words`, best first.

    Who knows which articles are `superseded` spares reading the articles.
    """
    chosen = chosen or PassageFilter()
    terms = split_terms(words)
    if index is None or not terms:
        return scan_words(catalog, terms, chosen=chosen, limit=limit)
    forms = {term: index.find_forms(term) for term in terms}
    counts = {term: sum(n for _, n in forms[term]) for term in terms}
    shares = [counts[term] / max(index.n_rows, 1) or None for term in terms]
    telling = choose_terms(terms, shares, index.n_rows)
    let_through = find_let_through(catalog, chosen)
    rank = partial(
        _rank_forms, catalog, index, let_through, chosen=chosen, limit=limit, superseded=superseded
    )
    ranked = rank(_list_forms(forms, telling))
    if len(ranked) == limit or let_through is None:
        return ranked
    # what is rare in the archive need not be in what the filter lets through
    there = _measure_shares(index, forms, counts, let_through)
    others = _keep_few(choose_terms(terms, there, len(let_through.places)), counts)
    if set(others) <= set(telling):
        return ranked
    return rank(_list_forms(forms, others))


def _list_forms(forms: Mapping[str, Sequence[tuple[str, int]]], terms: Sequence[str]) -> list[str]:
    return [form for term in terms for form, _ in forms[term]]


def _measure_shares(
    index: WordsIndex,
    forms: Mapping[str, Sequence[tuple[str, int]]],
    counts: Mapping[str, int],
    let_through: LetThrough,
) -> list[float | None]:
    """Return in which share of the texts let through each term stands, None for none at all.

    A term that stands in very many texts is taken to be as common there as anywhere.
    """
    n_there = max(len(let_through.places), 1)

    def measure(term: str) -> float:
        if counts[term] > MOST_TEXTS:
            return counts[term] / index.n_rows
        found = _list_forms(forms, [term])
        return index.count_among(found, counts[term], let_through.places) / n_there

    return [measure(term) or None for term in forms]


def _keep_few(terms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Return the terms, the first of all, that bring so few texts that they can be looked at."""
    brought = accumulate(counts[term] for term in terms)
    return [
        term
        for number, (term, n_texts) in enumerate(zip(terms, brought, strict=True))
        if number == 0 or n_texts <= _MORE * MOST_TEXTS
    ]


def _rank_forms(
    catalog: Catalog,
    index: WordsIndex,
    let_through: LetThrough | None,
    asked: Sequence[str],
    *,
    chosen: PassageFilter,
    limit: int,
    superseded: Collection[str] | None,
) -> list[RankedPassage]:
    """Return the best paragraphs let through that have one of the words, as the index has them."""
    if not asked:
        return []
    n_asked = 2 * limit + 10
    while True:
        if let_through is None:
            found = index.search(asked, n_asked)
            n_found = len(found)
        else:
            found, n_found = index.search_among(asked, n_asked, let_through.places, limit)
        if let_through is not None and len(found) < limit and n_found == n_asked:
            n_asked *= _MORE  # all of them are let through, and they are too few
            continue
        ranked = _rank(catalog, found, chosen, limit, superseded, are_copies_together=False)
        if len(ranked) == limit or n_found < n_asked:
            return ranked
        n_asked *= _MORE


def weigh_words(
    catalog: Catalog, words: str, *, index: WordsIndex | None = None
) -> dict[str, float]:
    """Return the weight of each word that `rank_words` looks up: ln(1 + texts without / with)."""
    terms = split_terms(words)
    if index is None:
        return weigh_scanned(catalog, terms)
    n_rows = index.n_rows
    counts = {term: sum(n for _, n in index.find_forms(term)) for term in terms}
    return {term: weigh_count(count, n_rows) for term, count in counts.items()}


def _rank(
    catalog: Catalog,
    found: pa.Table,
    chosen: PassageFilter,
    limit: int,
    superseded: Collection[str] | None,
    *,
    are_copies_together: bool,
) -> list[RankedPassage]:
    """Return the best of `found` (place, text_hash, article_id, paragraph_id, score)."""
    moments = _let_through(catalog, found, chosen, superseded)
    names = ("place", "text_hash", "article_id", "paragraph_id", "score")
    rows = zip(*(found.column(name).to_pylist() for name in names), strict=True)
    keyed = []
    for place, text_hash, article_id, paragraph_id, score in rows:
        if place not in moments:
            continue
        moment = moments[place]
        earliest = (moment is None, moment or datetime.min, article_id, place)
        key = (-score, text_hash, *earliest) if are_copies_together else (-score, paragraph_id)
        one = RankedPassage(
            place=place,
            article_id=ArticleId(article_id),
            paragraph_id=ParagraphId(paragraph_id),
            score=score,
        )
        keyed.append((key, one))
    return [one for _, one in sorted(keyed, key=lambda pair: pair[0])[:limit]]


def _let_through(
    catalog: Catalog,
    found: pa.Table,
    chosen: PassageFilter,
    superseded: Collection[str] | None,
) -> dict[int, datetime | None]:
    """Return the time of the article of each place that the filter lets through."""
    places, ids = (found.column(name).to_pylist() for name in ("place", "article_id"))
    if chosen == PassageFilter() and superseded is not None:
        return {
            place: None for place, one in zip(places, ids, strict=True) if one not in superseded
        }
    if superseded is not None and catalog.read_only:  # the filter is remembered
        among = find_let_through(catalog, chosen)
        kept = places if among is None else among.keep(places)
        return dict.fromkeys(kept)
    if chosen == PassageFilter() and len(found) <= _FEW:
        # a list in the statement takes half the time of a join
        moments = dict(
            catalog._database.fetch_rows(
                "SELECT article_id, published_at FROM store.articles WHERE superseded_by IS NULL"
                f" AND article_id IN ({quote_all(ids)})"
            )
        )
        return {
            place: moments[one] for place, one in zip(places, ids, strict=True) if one in moments
        }
    where, parameters = compile_filter(chosen)
    with catalog._database.registered(found=found):
        rows = catalog._database.fetch_rows(
            "SELECT p.place, a.published_at FROM (SELECT *, 'body' AS kind FROM found) p"
            f" JOIN store.articles a USING (article_id) WHERE {where}",
            parameters,
        )
    return dict(rows)


def read_hits(catalog: Catalog, ranked: Sequence[RankedPassage]) -> list[PassageHit]:
    """Return the paragraphs in the order given.

    Raises `WordsIndexError` where another paragraph, or none, stands in the place of one.
    """
    if not ranked:
        return []
    place = catalog._database.place
    # statements over one table each, with the numbers in them, take half the time of a join
    texts = {
        row[0]: row[1:]
        for row in catalog._database.fetch_rows(
            f'SELECT {place}, paragraph_id, "position", "text", text_hash'
            f" FROM store.paragraphs WHERE {place} IN {list_rows(one.place for one in ranked)}"
        )
    }
    articles = {
        row[0]: row[1:]
        for row in fetch_about(
            catalog._database,
            "SELECT article_id, outlet, headline, url, published_at, published_precision,"
            " opening_hash FROM store.articles WHERE {rows}",
            "articles",
            "article_id",
            [one.article_id for one in ranked],
        )
    }
    sources = _find_sources(catalog, [one.paragraph_id for one in ranked])
    hits = []
    for hit in ranked:
        paragraph_id, position, text, text_hash = texts.get(hit.place, (None,) * 4)
        if paragraph_id != hit.paragraph_id or hit.article_id not in articles:
            raise WordsIndexError("the index of words belongs to another snapshot")
        outlet, headline, url, published_at, precision, opening_hash = articles[hit.article_id]
        hits.append(
            PassageHit(
                score=hit.score,
                paragraph_id=hit.paragraph_id,
                article_id=hit.article_id,
                position=position,
                text=text,
                text_hash=TextHash(text_hash),
                outlet=outlet,
                headline=headline,
                url=url,
                published_at=as_utc(published_at),
                published_precision=TimePrecision(precision),
                agencies=sources.get(hit.paragraph_id, (None, []))[1],
                opening_hash=TextHash(opening_hash),
                passage_id=sources.get(hit.paragraph_id, (None, []))[0],
            )
        )
    return hits


def _find_sources(
    catalog: Catalog, paragraph_ids: Sequence[ParagraphId]
) -> dict[ParagraphId, tuple[PassageId | None, list[str]]]:
    """Return the passage that each paragraph carries, and the agencies, by name, that supplied it.

    Of several passages it is the first by id.
    """
    rows = fetch_about(
        catalog._database,
        "SELECT DISTINCT paragraph_id, passage_id, agency FROM store.paragraph_sources"
        " WHERE {rows} ORDER BY ALL",
        "paragraph_sources",
        "paragraph_id",
        paragraph_ids,
    )
    found: dict[ParagraphId, tuple[PassageId | None, list[str]]] = {}
    for paragraph_id, passage_id, agency in rows:
        first, agencies = found.setdefault(paragraph_id, (passage_id, []))
        if agency is not None and agency not in agencies:
            found[paragraph_id] = (first, sorted([*agencies, agency]))
    return found
