"""`wirethread.open(folder)`: the questions of the command line, to an archive that stays open."""

# ruff: noqa: PLC0415 - a question imports what it needs, so that opening an archive is quick

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

from wirethread.archive import Archive as Snapshots
from wirethread.archive import Snapshot
from wirethread.articles.errors import ConfigError, NotFoundError
from wirethread.articles.types.articles import ThreadState
from wirethread.articles.types.changes import OUTDATING
from wirethread.paging import ask_page, check_number
from wirethread.python.answers import Answers, Row
from wirethread.python.moments import check_key, check_words, plain, read_choice, read_moment
from wirethread.storage.answers.asked_names import require_names
from wirethread.storage.answers.counted import count_threads, list_counted_threads
from wirethread.storage.answers.stories import list_story_clusters
from wirethread.storage.answers.types import (
    ClusterSummary,
    StoryFilter,
    ThreadDetail,
    ThreadSummary,
)
from wirethread.storage.engine.free_query import SqlSettings, list_rows
from wirethread.storage.shared_address import is_shared

if TYPE_CHECKING:
    from wirethread.flows.settings.config import Settings
    from wirethread.passage_search import PassageSearch, SimilarPassage
    from wirethread.python.plotting import Plots
    from wirethread.python.singles import Article, Pair, StoryCluster, StoryThread
    from wirethread.storage.answers.copies import CopyPair, Duplicate, OutletWire
    from wirethread.storage.answers.page.overviews import SourceRow
    from wirethread.storage.tables.notices import OutdatedCopy

__all__ = ["OpenArchive", "open_archive"]

DEFAULT_PAGE = "http://127.0.0.1:8517"
"""Where `wirethread serve` shows an archive, if nothing else is said."""
KEPT_LISTS = 64
"""Lists of stories that are kept of a snapshot; each holds what was asked for only."""
LONGEST_KEPT = 1_001
"""Stories of a list that is kept, with the one that says that there are more."""
Moment = datetime | date | str | None
R = TypeVar("R")


def open_archive(
    folder: str | Path, *, config: str | Path | None = None, page: str = DEFAULT_PAGE
) -> "OpenArchive":
    """Open the published snapshot of a data folder for questions; use it with `with`.

    It follows what is published: a question that comes after a run is answered from the new
    snapshot. Threads may ask at once. `config` is the settings file of the runs (without it
    `config.yaml` here, if there is one), `page` the address at which `wirethread serve` shows this
    archive: the `url` of an answer begins with it.

    Raises `NotFoundError` where nothing has been published in the folder, and `StorageError` where
    it cannot be read.
    """
    return OpenArchive(folder, config=config, page=page)


class OpenArchive:
    """A data folder, open for questions. A context manager; any thread may ask.

    Every list has `.df()`, `.pl()` and `.arrow()`; names and units are those of the views in SQL
    and of `--json`. A list holds `limit` records behind the first `offset`, all of them with
    `limit=None`, and its `has_more` says whether it goes on. `since` and `until` take a time, a
    day, or either as text (`"2024-03-11"`); a time without a zone is UTC. Questions raise
    `WirethreadError`s only.
    """

    def __init__(
        self, folder: str | Path, *, config: str | Path | None = None, page: str = DEFAULT_PAGE
    ) -> None:
        self.folder = Path(folder)
        self._config = None if config is None else Path(config)
        self._page = page.rstrip("/")
        self._snapshots = Snapshots(self.folder)
        self._turn = threading.Lock()
        self._kept_settings: Settings | None = None
        self._kept_search: PassageSearch | None = None
        with self._read():  # what cannot be opened is told here, not at the first question
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"wirethread.open({str(self.folder)!r})"

    def close(self) -> None:
        """Let go of the files and the model; a question after this opens them again."""
        with self._turn:
            search, self._kept_search = self._kept_search, None
        if search is not None:
            search.close()
        self._snapshots.close()

    @property
    def plot(self) -> "Plots":
        """Pictures of the archive, each with its table: `archive.plot.agencies()` and so on."""
        from wirethread.python.plotting import Plots

        return Plots(self._read)

    def stories(
        self,
        *,
        limit: int | None = 20,
        offset: int = 0,
        since: Moment = None,
        until: Moment = None,
        outlet: str | None = None,
        agency: str | None = None,
        state: str | ThreadState | None = None,
        min_articles: int = 1,
        min_newsrooms: int = 0,
    ) -> Answers[ThreadSummary]:
        """Return story threads, those seen last first.

        `outlet` and `agency` ask for at least one article of theirs, `state` is `developing`,
        `quiet` or `closed`, `min_newsrooms` counts independent newsrooms.
        """
        check_words(outlet=outlet, agency=agency)
        min_articles, min_newsrooms = plain(min_articles), plain(min_newsrooms)
        check_number(min_articles, "min_articles", least=0)
        check_number(min_newsrooms, "min_newsrooms", least=0)
        chosen = StoryFilter(
            since=read_moment(since, "since"),
            until=read_moment(until, "until"),
            outlet=outlet,
            agency=agency,
            state=None if state is None else ThreadState(read_choice(state, "state", ThreadState)),
            min_articles=min_articles,
            min_newsrooms=min_newsrooms,
        )
        with self._read() as snapshot:
            require_names(snapshot.catalog, outlet=outlet, agency=agency)
            ask = partial(snapshot.make_once("stories", lambda _: _keep_stories(snapshot)), chosen)
            return _answer_list(ask, ThreadSummary, limit=limit, offset=offset)

    def clusters(
        self,
        *,
        limit: int | None = 20,
        offset: int = 0,
        since: Moment = None,
        until: Moment = None,
        outlet: str | None = None,
        agency: str | None = None,
        min_articles: int = 1,
        min_newsrooms: int = 0,
    ) -> Answers[ClusterSummary]:
        """Return story clusters, those seen last first; filters as in `stories`."""
        check_words(outlet=outlet, agency=agency)
        min_articles, min_newsrooms = plain(min_articles), plain(min_newsrooms)
        check_number(min_articles, "min_articles", least=0)
        check_number(min_newsrooms, "min_newsrooms", least=0)
        chosen = StoryFilter(
            since=read_moment(since, "since"),
            until=read_moment(until, "until"),
            outlet=outlet,
            agency=agency,
            min_articles=min_articles,
            min_newsrooms=min_newsrooms,
        )
        with self._read() as snapshot:
            require_names(snapshot.catalog, outlet=outlet, agency=agency)
            ask = partial(list_story_clusters, snapshot.catalog, chosen)
            return _answer_list(ask, ClusterSummary, limit=limit, offset=offset)

    def story(self, story_id: str) -> "StoryThread | StoryCluster":
        """Return a story thread or cluster by its id, an id it once had, or the beginning of one.

        Raises `NotFoundError`.
        """
        from wirethread.python.singles import StoryCluster, StoryThread, extend
        from wirethread.storage.answers.queries import get_story, list_article_summaries

        check_key(story_id, "story_id")
        with self._read() as snapshot:
            found = get_story(snapshot.catalog, story_id)
            if not isinstance(found, ThreadDetail):
                url = self._name_page("story", found.summary.cluster_id)
                return extend(StoryCluster, found, url=url)
            members = snapshot.catalog.stories.load_clusters(
                {cluster.cluster_id for cluster in found.clusters}
            )
            ids = {article_id for member in members for article_id in member.article_ids}
            return extend(
                StoryThread,
                found,
                url=self._name_page("story", found.summary.thread_id),
                articles=list_article_summaries(snapshot.catalog, ids),
            )

    def article(self, key: str) -> "Article":
        """Return an article, paragraph by paragraph, with the source of each.

        `key` is its id, the beginning of it, the id it has in its source, or its address. Raises
        `NotFoundError`.
        """
        from wirethread.python.singles import Article, extend
        from wirethread.storage.answers.article import get_article

        check_key(key, "key")
        with self._read() as snapshot:
            found = get_article(snapshot.catalog, key)
        return extend(Article, found, url=self._name_page("article", found.summary.article_id))

    def similar(
        self,
        text: str,
        *,
        by: str = "both",
        limit: int | None = 10,
        offset: int = 0,
        since: Moment = None,
        until: Moment = None,
        outlet: str | None = None,
        agency: str | None = None,
        exact: bool = False,
    ) -> "Answers[SimilarPassage]":
        """Return passages like `text`, best first; `by` is `meaning`, `words` or `both`.

        The list ends after 10,000 passages at the latest. The model is loaded at the first question
        that needs it, and kept.
        """
        from wirethread.passage_search import SearchBy, SimilarPassage
        from wirethread.storage.answers.types import PassageFilter

        check_words(outlet=outlet, agency=agency)
        if not isinstance(text, str):
            raise ConfigError(f"similar: text must be text, not {text!r}")
        if not text.strip():
            raise ConfigError("similar: the text is empty")
        chosen = PassageFilter(
            since=read_moment(since, "since"),
            until=read_moment(until, "until"),
            outlet=outlet,
            agency=agency,
        )
        way = SearchBy(read_choice(by, "by", SearchBy))
        if outlet is not None or agency is not None:
            with self._read() as snapshot:
                require_names(snapshot.catalog, outlet=outlet, agency=agency)
        ask = partial(self._search().find_similar, text, by=way, chosen=chosen, exact=exact)
        return _answer_list(ask, SimilarPassage, limit=limit, offset=offset)

    def explain(self, left: str, right: str) -> "Pair":
        """Return why two articles share copy and story, or do not: every score and every rule.

        Raises `NotFoundError`.
        """
        from wirethread.flows.operations.explain import explain_in
        from wirethread.python.singles import Pair, extend

        check_key(left, "left")
        check_key(right, "right")
        settings = self._settings()
        with self._read() as snapshot:
            found = explain_in(snapshot.catalog, settings, left, right)
        ids = found.left.article_id, found.right.article_id
        return extend(Pair, found, url=self._name_page("compare", *ids))

    def copies(
        self,
        *,
        outlet: str | None = None,
        copied_by: str | None = None,
        copied_from: str | None = None,
        agency: str | None = None,
        since: Moment = None,
        until: Moment = None,
        limit: int | None = 100,
        offset: int = 0,
    ) -> "Answers[CopyPair]":
        """Return who ran whose words, the most words first; rows of the view `copies`.

        `copied_by` is the outlet that ran them after another, `copied_from` the one that had them
        first, `outlet` either. Pairs that may both have the words from a third stand last.
        """
        from wirethread.storage.answers.copies import CopyPair, list_copies

        check_words(outlet=outlet, copied_by=copied_by, copied_from=copied_from, agency=agency)
        first, last = read_moment(since, "since"), read_moment(until, "until")
        with self._read() as snapshot:
            for name in (outlet, copied_by, copied_from):
                require_names(snapshot.catalog, outlet=name)
            require_names(snapshot.catalog, agency=agency)
            ask = partial(
                list_copies,
                snapshot.catalog,
                outlet=outlet,
                copied_by=copied_by,
                copied_from=copied_from,
                agency=agency,
                since=first,
                until=last,
            )
            return _answer_list(ask, CopyPair, limit=limit, offset=offset)

    def duplicates(
        self,
        *,
        outlet: str | None = None,
        since: Moment = None,
        until: Moment = None,
        limit: int | None = 100,
        offset: int = 0,
    ) -> "Answers[Duplicate]":
        """Return articles that are the text of another one; rows of the view `duplicates`."""
        from wirethread.storage.answers.copies import Duplicate, list_duplicates

        check_words(outlet=outlet)
        first, last = read_moment(since, "since"), read_moment(until, "until")
        with self._read() as snapshot:
            require_names(snapshot.catalog, outlet=outlet)
            ask = partial(list_duplicates, snapshot.catalog, outlet=outlet, since=first, until=last)
            return _answer_list(ask, Duplicate, limit=limit, offset=offset)

    def wire(
        self,
        *,
        outlet: str | None = None,
        since: Moment = None,
        until: Moment = None,
        limit: int | None = 100,
        offset: int = 0,
    ) -> "Answers[OutletWire]":
        """Return how much of each outlet's day is wire; rows of the view `outlet_wire_share`."""
        from wirethread.storage.answers.copies import OutletWire, list_outlet_wire

        check_words(outlet=outlet)
        first, last = read_moment(since, "since"), read_moment(until, "until")
        with self._read() as snapshot:
            require_names(snapshot.catalog, outlet=outlet)
            ask = partial(
                list_outlet_wire, snapshot.catalog, outlet=outlet, since=first, until=last
            )
            return _answer_list(ask, OutletWire, limit=limit, offset=offset)

    def outdated(
        self,
        *,
        limit: int | None = 100,
        offset: int = 0,
        agency: str | None = None,
        kind: str | None = None,
        outlet: str | None = None,
        since: Moment = None,
    ) -> "Answers[OutdatedCopy]":
        """Return who still runs words that an agency changed or withdrew, the gravest first.

        `kind` is `kill`, `withdrawal`, `hold`, `correction`, `update` or `refile`, `since` asks
        for changes of this time or later.
        """
        from wirethread.storage.tables.notices import OutdatedCopy

        check_words(agency=agency, outlet=outlet)
        grave = None if kind is None else read_choice(kind, "kind", OUTDATING)
        with self._read() as snapshot:
            require_names(snapshot.catalog, outlet=outlet, agency=agency)
            ask = partial(
                snapshot.catalog.notices.list_outdated,
                agency=agency,
                kind=grave,
                outlet=outlet,
                since=read_moment(since, "since"),
            )
            return _answer_list(ask, OutdatedCopy, limit=limit, offset=offset)

    def sources(self) -> "Answers[SourceRow]":
        """Return what each source gave when it was last read, those with trouble first."""
        from wirethread.storage.answers.page.overviews import SourceRow, list_source_rows

        with self._read() as snapshot:
            return Answers(list_source_rows(snapshot.catalog), SourceRow)

    def sql(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Answers[Row]:
        """Return the rows of one SELECT over the documented views.

        It can neither write nor read files, and is bounded in time and size (`sql:` in the
        settings). Raises `StorageError` for what DuckDB refuses. Times in it are UTC.
        """
        if not isinstance(query, str):
            raise ConfigError(f"sql: query must be text, not {query!r}")
        if isinstance(parameters, Mapping):
            parameters = {name: plain(value) for name, value in parameters.items()}
        else:
            parameters = [plain(value) for value in parameters]
        settings = self._sql_settings()
        with self._read() as snapshot:
            table = snapshot.catalog.execute_read_only(query, parameters, settings=settings)
        return Answers([Row(row) for row in list_rows(table)], Row, table)

    @contextmanager
    def _read(self) -> Iterator[Snapshot]:
        if not is_shared(self.folder) and not self.folder.is_dir():
            raise NotFoundError(f"{self.folder}: there is no such data folder")
        with self._snapshots.read() as snapshot:
            yield snapshot

    def _name_page(self, *parts: str) -> str:
        return "/".join([self._page, *(quote(part, safe="") for part in parts)])

    def _settings(self) -> "Settings":
        """Return the settings of the runs, read once."""
        from wirethread.flows.settings.config import load_settings

        with self._turn:
            if self._kept_settings is None:
                self._kept_settings = load_settings(self._config)
            return replace(self._kept_settings, data_folder=str(self.folder))

    def _sql_settings(self) -> SqlSettings:
        """Return the bounds of a query; where no file sets any, no settings are read."""
        if self._config is None and not Path("config.yaml").is_file():
            return SqlSettings()
        return self._settings().sql

    def _search(self) -> "PassageSearch":
        """Return what searches, with the model of the runs, made once."""
        from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
        from wirethread.passage_search import PassageSearch

        is_plain = self._config is None and not Path("config.yaml").is_file()
        embedding = EmbeddingSettings() if is_plain else self._settings().embedding
        with self._turn:
            if self._kept_search is None:
                self._kept_search = PassageSearch(self.folder, LazyEncoder(embedding))
            return self._kept_search


def _keep_stories(snapshot: Snapshot) -> Callable[..., Sequence[ThreadSummary]]:
    """Return what lists the threads of a snapshot, and keeps the last lists: it never changes."""
    is_counted = count_threads(snapshot.catalog)

    ask = partial(list_counted_threads, snapshot.catalog, is_counted=is_counted)

    @lru_cache(maxsize=KEPT_LISTS)
    def keep_threads(chosen: StoryFilter, limit: int, offset: int) -> Sequence[ThreadSummary]:
        return tuple(ask(chosen, limit=limit, offset=offset))

    def list_threads(
        chosen: StoryFilter, *, limit: int | None, offset: int
    ) -> Sequence[ThreadSummary]:
        if limit is None or limit > LONGEST_KEPT:
            return ask(chosen, limit=limit, offset=offset)
        return keep_threads(chosen, limit, offset)

    return list_threads


def _answer_list(
    ask: Callable[..., Sequence[R]], kind: type[R], *, limit: int | None, offset: int
) -> Answers[R]:
    found, has_more = ask_page(ask, limit=plain(limit), offset=plain(offset))
    return Answers(found, kind, has_more=has_more)
