"""Questions as typed functions: each opens the published snapshot, answers, and lets go.

They work while a run is writing. `folder` is the data folder of the runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from wirethread.articles.types.articles import ArticleId, Derivation
from wirethread.embedding.encoder import Encoder
from wirethread.passage_search import PassageSearch, SearchBy, SimilarPassage
from wirethread.storage.answers import copies
from wirethread.storage.answers.article import get_article
from wirethread.storage.answers.asked_names import require_names
from wirethread.storage.answers.copies import AgencyOutlet, CopyPair, Duplicate, OutletWire
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.stories import ANY_STORY, list_story_clusters, list_story_threads
from wirethread.storage.answers.types import (
    ArticleDetail,
    ClusterDetail,
    ClusterSummary,
    PassageFilter,
    StoryFilter,
    ThreadDetail,
    ThreadSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings, list_rows

__all__ = [
    "PassageSearch",
    "SearchBy",
    "SimilarPassage",
    "find_similar",
    "list_agency_outlets",
    "list_clusters",
    "list_copies",
    "list_derived",
    "list_duplicates",
    "list_outlet_wire",
    "list_stories",
    "query_sql",
    "show_article",
    "show_article_notes",
    "show_story",
    "stream_sql",
]


def list_stories(
    folder: str | Path,
    chosen: StoryFilter = ANY_STORY,
    *,
    limit: int | None = 20,
    offset: int = 0,
) -> list[ThreadSummary]:
    """Return the story threads that a filter lets through, those seen last first.

    Raises `NotFoundError` for an outlet or agency that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, outlet=chosen.outlet, agency=chosen.agency)
        return list_story_threads(catalog, chosen, limit=limit, offset=offset)


def list_clusters(
    folder: str | Path,
    chosen: StoryFilter = ANY_STORY,
    *,
    limit: int | None = 20,
    offset: int = 0,
) -> list[ClusterSummary]:
    """Return the story clusters that a filter lets through, those seen last first.

    Raises `NotFoundError` for an outlet or agency that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, outlet=chosen.outlet, agency=chosen.agency)
        return list_story_clusters(catalog, chosen, limit=limit, offset=offset)


def list_copies(
    folder: str | Path,
    *,
    outlet: str | None = None,
    copied_by: str | None = None,
    copied_from: str | None = None,
    agency: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[CopyPair]:
    """Return who ran whose words, as `wirethread.storage.answers.copies.list_copies` does.

    Raises `NotFoundError` for an outlet or agency that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, agency=agency)
        for name in (outlet, copied_by, copied_from):
            require_names(catalog, outlet=name)
        return copies.list_copies(
            catalog,
            outlet=outlet,
            copied_by=copied_by,
            copied_from=copied_from,
            agency=agency,
            since=since,
            until=until,
            limit=limit,
            offset=offset,
        )


def list_outlet_wire(
    folder: str | Path,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[OutletWire]:
    """Return how much of each outlet's day is wire, the last days first.

    Raises `NotFoundError` for an outlet that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, outlet=outlet)
        return copies.list_outlet_wire(
            catalog, outlet=outlet, since=since, until=until, limit=limit, offset=offset
        )


def list_agency_outlets(
    folder: str | Path,
    *,
    outlet: str | None = None,
    agency: str | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[AgencyOutlet]:
    """Return which outlet takes how much from which agency, those with most articles first.

    Raises `NotFoundError` for an outlet or agency that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, outlet=outlet, agency=agency)
        return copies.list_agency_outlets(
            catalog, outlet=outlet, agency=agency, limit=limit, offset=offset
        )


def list_derived(
    folder: str | Path, derivation: Derivation | None = None, *, limit: int = 100
) -> list[ArticleId]:
    """Return articles that carry wire copy, those with the largest share of it first."""
    with Catalog.open_published(folder) as catalog:
        return copies.list_derived(catalog, derivation, limit=limit)


def list_duplicates(
    folder: str | Path,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[Duplicate]:
    """Return articles that are the text of another one, with the one that stands for them.

    Raises `NotFoundError` for an outlet that the archive has nothing of.
    """
    with Catalog.open_published(folder) as catalog:
        require_names(catalog, outlet=outlet)
        return copies.list_duplicates(
            catalog, outlet=outlet, since=since, until=until, limit=limit, offset=offset
        )


def show_story(folder: str | Path, story_id: str) -> ThreadDetail | ClusterDetail:
    """Return a story thread or cluster by its id, an id it once had, or the beginning of one.

    Raises `NotFoundError`.
    """
    with Catalog.open_published(folder) as catalog:
        return get_story(catalog, story_id)


def show_thread_clusters(folder: str | Path, thread: ThreadDetail) -> list[ClusterDetail]:
    """Return the story clusters of a thread with their articles, in the order of time."""
    with Catalog.open_published(folder) as catalog:
        found = [get_story(catalog, cluster.cluster_id) for cluster in thread.clusters]
    return [one for one in found if isinstance(one, ClusterDetail)]


def show_article(folder: str | Path, key: str) -> ArticleDetail:
    """Return an article, paragraph by paragraph, with the source of each.

    `key` is its id, the beginning of it, the id it has in its source, or its URL. Raises
    `NotFoundError`.
    """
    with Catalog.open_published(folder) as catalog:
        return get_article(catalog, key)


def show_article_notes(folder: str | Path, article_id: ArticleId) -> dict[str, str]:
    """Return what the sender of an article said about it, by field."""
    with Catalog.open_published(folder) as catalog:
        return catalog.notices.load_notes([article_id]).get(article_id, {})


def query_sql(
    folder: str | Path,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    *,
    settings: SqlSettings | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of one SELECT over the documented views, as `column -> value`.

    It can neither write nor read files. Raises `StorageError` for what DuckDB refuses, and for what
    takes longer or is larger than the settings allow.
    """
    with Catalog.open_published(folder) as catalog:
        return list_rows(
            catalog.execute_read_only(sql, parameters, settings=settings or SqlSettings())
        )


def stream_sql(
    folder: str | Path,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    *,
    settings: SqlSettings | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one SELECT one after another, however many there are."""
    with Catalog.open_published(folder) as catalog:
        for piece in catalog.stream_read_only(sql, parameters, settings=settings or SqlSettings()):
            yield from list_rows(piece)


def find_similar(
    folder: str | Path,
    text: str,
    encoder: Encoder | None,
    *,
    by: SearchBy = SearchBy.BOTH,
    chosen: PassageFilter | None = None,
    limit: int | None = 10,
    offset: int = 0,
    exact: bool = False,
) -> list[SimilarPassage]:
    """Return the paragraphs nearest to `text`, best first, as `PassageSearch.find_similar` does.

    `encoder` is the model of the runs; None searches by words alone. Who asks more than once opens
    a `PassageSearch` (`wirethread/passage_search.py`), which keeps open what this opens each time.
    """
    with PassageSearch(folder, encoder) as search:
        return search.find_similar(
            text, by=by, chosen=chosen, limit=limit, offset=offset, exact=exact
        )
