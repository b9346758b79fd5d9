"""`/search`: where else a sentence, a paragraph or an article's words stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import pyarrow as pa
import xxhash
from fastapi import APIRouter, Query

from wirethread.articles.errors import ModelError, NotFoundError, StorageError
from wirethread.articles.types.articles import ArticleId, PassageId, TimePrecision
from wirethread.embedding.lazy import LazyEncoder
from wirethread.paging import ask_page
from wirethread.passage_search import PassageSearch, SearchBy, SimilarPassage, date_hit
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.page.search import (
    HitPassage,
    find_hit_passages,
)
from wirethread.storage.answers.types import PassageFilter, PassageHit
from wirethread.storage.catalog import Catalog
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.api.feeds import Entry, Feed, add_feeds
from wirethread.web.asking import (
    Agency,
    Next,
    Outlet,
    Since,
    Until,
    blank,
    decode_next,
    encode_next,
    read_asked,
    read_moment,
)
from wirethread.web.drawing.words import shorten
from wirethread.web.palette import Palette
from wirethread.web.problems import ProblemError
from wirethread.web.site import Ask, Line, Site
from wirethread.web.twins import add_twin

__all__ = ["SearchAnswer", "add_search", "search_passages"]

MOST_CHARACTERS = 5_000
DEEPEST = 1_000
"""Answers behind which a list is not shown: each further one takes as long as all before it."""
By = Annotated[SearchBy, Query(description="Compare meaning, words, or both.")]
HitLimit = Annotated[int, Query(ge=1, le=100, description="How many paragraphs to look for.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPlace:
    """A paragraph that was found."""

    article_id: ArticleId
    outlet: str
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    position: int
    text: str
    agencies: Sequence[str]
    similarity: float | None
    """Cosine of the two texts' vectors; None where it was found by its words alone, or is a further
    place of a passage, in other words."""
    word_score: float | None
    """BM25; None where it was found by its meaning alone, or is such a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitGroup:
    """Paragraphs of one passage; a paragraph that stands nowhere else is a group of its own."""

    passage_id: PassageId | None
    agency: str | None
    score: float
    """Chance that it answers, 0 to 1, from words and meaning: the list is sorted by it."""
    n_places: int
    """Places of the passage in the whole archive."""
    n_outlets: int
    first: HitPlace
    """The origin of the passage, or the earliest place of those that were found."""
    places: Sequence[HitPlace]
    """In the order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """What was found, the best first."""

    text: str
    by: SearchBy
    article_id: ArticleId | None
    """The article that the text names, where it is an id or an address."""
    groups: Sequence[HitGroup]
    n_hits: int
    """Places of them that were found."""
    notice: str | None
    """Why it was searched by words alone, where more was asked for."""
    next: str | None
    """Where the list goes on, None at its end."""


def answer_search(
    ask: Ask,
    *,
    text: Annotated[
        str, Query(max_length=MOST_CHARACTERS, description="Words, or the id of an article.")
    ] = "",
    by: By = SearchBy.BOTH,
    limit: HitLimit = 20,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    next: Next = None,  # noqa: A002 - the name it has in the address
) -> SearchAnswer:
    """Paragraphs like a text, by passage, each with the place where it ran first."""
    words = text.strip()
    chosen = PassageFilter(
        since=read_moment(since, "since"),
        until=read_moment(until, "until"),
        outlet=blank(outlet),
        agency=blank(agency),
    )
    offset = _read_offset(next)
    article_id, words = read_article_key(ask.catalog, words)
    found: Sequence[SimilarPassage] = []
    has_more, notice = False, None
    if words:
        found, has_more, notice = search_passages(ask, words, by, chosen, limit, offset)
    passages = find_hit_passages(ask.catalog, [one.hit.paragraph_id for one in found])
    hits = [hit for one in found for hit in (one.hit, *one.also)]
    return SearchAnswer(
        text=text.strip(),
        by=by,
        article_id=article_id,
        groups=group_hits(found, passages),
        n_hits=len(hits),
        notice=notice,
        next=encode_next([offset + limit]) if has_more and offset + limit <= DEEPEST else None,
    )


def _read_offset(word: str | None) -> int:
    """Return how many answers went before. Raises `ProblemError` for what is no such place."""
    (offset,) = decode_next(word, int) or [0]
    if not 0 <= offset <= DEEPEST:
        raise ProblemError(422, "next: this is no place in this list")
    return int(offset)


def read_article_key(catalog: Catalog, words: str) -> tuple[ArticleId | None, str]:
    """Return the article that the words name and its first words, or None and the words."""
    if not words or len(words) > 500 or any(letter.isspace() for letter in words):
        return None, words
    if not (len(words) >= 12 or "://" in words):
        return None, words
    try:
        article_id = find_article(catalog, words)
    except NotFoundError:
        return None, words
    parsed = catalog.articles.load_articles([article_id])[0]
    body = [paragraph.text for paragraph in parsed.paragraphs if paragraph.kind.value == "body"]
    return article_id, " ".join([parsed.article.headline, *body[:2]])[:MOST_CHARACTERS]


def search_passages(  # noqa: PLR0917 - what a reader asks
    ask: Ask, words: str, by: SearchBy, chosen: PassageFilter, limit: int, offset: int = 0
) -> tuple[Sequence[SimilarPassage], bool, str | None]:
    """Return the nearest paragraphs, and whether more follow.

    Where vectors or model cannot be read and words were asked for too, words alone must do: the
    third value says so.
    """
    search = ask.site.keep_part("search", lambda: open_search(ask.site))
    find = partial(search.find_similar, words, chosen=chosen)
    try:
        return *ask_page(partial(find, by=by), limit=limit, offset=offset), None
    except (StorageError, ModelError) as error:
        if by is not SearchBy.BOTH:
            raise
        found = ask_page(partial(find, by=SearchBy.WORDS), limit=limit, offset=offset)
        return *found, f"searched by words alone: {error}"


def group_hits(
    found: Sequence[SimilarPassage], passages: Mapping[str, HitPassage]
) -> list[HitGroup]:
    """Return hits by passage, in the order of the best of each."""
    groups: dict[str, list[SimilarPassage]] = {}
    for entry in found:
        passage = passages.get(entry.hit.paragraph_id)
        key = passage.passage_id if passage else f"text {entry.hit.text_hash}"
        members = [entry, *(_tell_other(entry, other) for other in entry.also)]
        groups.setdefault(key, []).extend(members)
    answer = []
    for members in groups.values():
        passage = passages.get(members[0].hit.paragraph_id)
        origin = passage.origin_article_id if passage else None
        places = sorted(
            map(_tell_place, sorted(members, key=lambda one: date_hit(one.hit))),
            key=lambda one: one.article_id != origin,
        )
        answer.append(
            HitGroup(
                passage_id=PassageId(passage.passage_id) if passage else None,
                agency=passage.agency if passage else None,
                score=members[0].score,
                n_places=passage.n_places if passage else len(places),
                n_outlets=passage.n_outlets if passage else len({place.outlet for place in places}),
                first=places[0],
                places=places,
            )
        )
    return answer


def _tell_other(entry: SimilarPassage, other: PassageHit) -> SimilarPassage:
    """Return another place of a passage, with what was measured where its words are the same."""
    if other.text_hash == entry.hit.text_hash:
        return replace(entry, hit=other)
    return replace(entry, hit=other, similarity=None, word_score=None)


def _tell_place(one: SimilarPassage) -> HitPlace:
    return HitPlace(
        article_id=one.hit.article_id,
        outlet=one.hit.outlet,
        headline=one.hit.headline,
        published_at=one.hit.published_at,
        published_precision=one.hit.published_precision,
        position=one.hit.position,
        text=one.hit.text,
        agencies=one.hit.agencies,
        similarity=one.similarity,
        word_score=one.word_score,
    )


def view_search(ask: Ask, answer: SearchAnswer) -> Mapping[str, Any]:
    """Return the filters as they were asked, and the marks of the agencies."""
    asked = read_asked(ask.request)
    return {
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if name != "next"}),
        "palette": Palette(group.agency for group in answer.groups if group.agency),
    }


def hit_rows(
    ask: Ask,
    *,
    text: Annotated[str, Query(min_length=1, max_length=MOST_CHARACTERS)],
    by: By = SearchBy.BOTH,
    limit: HitLimit = 20,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
) -> pa.Table:
    """Return the paragraphs that a search finds, by passage."""
    answer = answer_search(
        ask,
        text=text,
        by=by,
        limit=limit,
        since=since,
        until=until,
        outlet=outlet,
        agency=agency,
    )
    return to_table([place for group in answer.groups for place in group.places], HitPlace)


def feed_search(
    ask: Ask,
    *,
    text: Annotated[str, Query(min_length=1, max_length=MOST_CHARACTERS)],
    by: By = SearchBy.WORDS,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
) -> Feed:
    """A search as a feed, by words unless asked otherwise: what stands in the archive like it."""
    answer = answer_search(
        ask, text=text, by=by, limit=50, since=since, until=until, outlet=outlet, agency=agency
    )
    places = [place for group in answer.groups for place in group.places]
    return Feed(
        key=f"search:{xxhash.xxh3_64_hexdigest(text.encode())}",
        title=f"Search: {shorten(text, 60)}",
        path=f"/search?{ask.request.url.query}",
        entries=[
            Entry(
                key=f"paragraph:{entry.article_id}:{entry.position}",
                title=f"{entry.outlet}: {entry.headline}",
                path=f"/article/{entry.article_id}#p{entry.position + 1}",
                updated_at=entry.published_at,
                summary=shorten(entry.text, 400),
                author=entry.outlet,
            )
            for entry in sorted(places, key=lambda one: str(one.published_at), reverse=True)
        ],
    )


def open_search(site: Site) -> PassageSearch:
    """Return the search over the site's archive, with the model that its runs use."""
    return PassageSearch(site.settings.folder, LazyEncoder(site.run_settings.embedding))


def add_search(router: APIRouter, site: Site) -> None:
    """Add the page and its twin; the model begins to load when the first question comes."""
    add_exports(router, site, "/search", hit_rows, name="search", line=Line.MODEL)
    add_feeds(router, site, "/search", feed_search, name="search", line=Line.MODEL)
    add_twin(
        router,
        site,
        "/search",
        answer_search,
        template="search.html",
        model=SearchAnswer,
        view=view_search,
        line=Line.MODEL,
    )
