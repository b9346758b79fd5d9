"""The catalog: one door to the DuckDB file, its methods named after the steps of the pipeline.

Longer than most modules because it only lists: each method is one transaction over a function of
the `*_tables` modules.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Correction,
    DuplicateCluster,
    Link,
    ParsedArticle,
    PassageMatch,
    RejectedArticle,
    StoryCluster,
    StoryEvent,
    StoryThread,
    ThreadState,
)
from wirethread.articles.types.copy import ArticleDerivation, Passage
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot, open_writer
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.free_query import SqlSettings
from wirethread.storage.engine.migrations import migrate_catalog, refuse_other_schema
from wirethread.storage.engine.strays import make_folder
from wirethread.storage.subjects import Alerts, Copy, Notices, Runs, Sources, Surroundings, Versions
from wirethread.storage.tables import articles as article_tables
from wirethread.storage.tables import corrections as correction_tables
from wirethread.storage.tables import passages as passage_tables
from wirethread.storage.tables import runs as run_tables
from wirethread.storage.tables import segments as segment_tables
from wirethread.storage.tables import stories as story_tables
from wirethread.storage.tables.digest import digest_content
from wirethread.storage.tables.segments import MIN_WORDS, TextBatch, VectorSegment
from wirethread.storage.tables.stories import StorySourceRow

__all__ = ["CATALOG_FILE", "SNAPSHOT_FILE", "SPARE_FILE", "Catalog"]

CATALOG_FILE = "catalog.duckdb"
SNAPSHOT_FILE = "published.duckdb"
SPARE_FILE = "published.spare"
"""The snapshot before: the next one is made from it."""


class Catalog:
    """Everything wirethread knows but the vectors. A context manager."""

    def __init__(self, folder: Path, database: Database, settings: StorageSettings) -> None:
        self.folder = folder
        self._database = database
        self._settings = settings
        self._pending_for: tuple[str, int] | None = None
        self.alerts = Alerts(self._get_database)
        self.copy = Copy(self._get_database)
        self.notices = Notices(self._get_database)
        self.runs = Runs(self._get_database)
        self.sources = Sources(self._get_database)
        self.surroundings = Surroundings(self._get_database)
        self.versions = Versions(self._get_database)

    def _get_database(self) -> Database:
        return self._database

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what the block writes, or nothing of it; joins one that is open."""
        return self._database.transaction()

    @classmethod
    def open(cls, folder: str | Path, *, settings: StorageSettings | None = None) -> Self:
        """Open the catalog in `folder` for writing; create it, or bring it to this schema.

        Raises `StorageError` where the published snapshot is newer than the catalog: somebody put
        an older catalog back, and the next publication would be the end of the newer articles.
        """
        folder = Path(folder)
        finish_restoring(folder)
        settings = settings or StorageSettings()
        try:
            make_folder(folder / "vectors", keep_in=folder)
        except OSError as error:
            raise StorageError(
                f"cannot write in the data folder {folder}: {error.strerror}"
            ) from error
        database = open_writer(folder / CATALOG_FILE, settings)
        try:
            migrate_catalog(database)
            _refuse_older(folder, database, settings)
        except BaseException:
            database.close()
            raise
        return cls(folder, database, settings)

    @classmethod
    def open_published(cls, folder: str | Path, *, settings: StorageSettings | None = None) -> Self:
        """Open the published snapshot in `folder` for reading, whatever a run is doing.

        Raises `NotFoundError` where nothing has been published, `StorageError` where the snapshot
        is damaged, or of another schema than this code reads.
        """
        folder = Path(folder)
        settings = settings or StorageSettings()
        database = open_snapshot(folder / SNAPSHOT_FILE, settings)
        try:
            refuse_other_schema(database, str(folder / SNAPSHOT_FILE))
        except BaseException:
            database.close()
            raise
        return cls(folder, database, settings)

    @property
    def read_only(self) -> bool:
        """Whether this is a published snapshot."""
        return self._database.read_only

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def cursor(self) -> "Catalog":
        """Return a second door to the same open snapshot, for another thread."""
        return Catalog(self.folder, self._database.cursor(), self._settings)

    @property
    def publication_name(self) -> str:
        """What tells this publication of the archive from others, as a short word."""
        return "-".join(
            str(run_tables.read_counter(self._database, name))
            for name in ("publication", "content_version")
        )

    def forget_lookups(self) -> None:
        """Let go of what was looked up and of the blocks that were read, as closing would.

        Texts that were gathered to be embedded stay until all are: to find them takes long.
        """
        if self._pending_for and not segment_tables.count_texts_to_embed(self._database):
            self._pending_for = None
        self._database.places.clear()
        self._database.release_blocks(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def detached(self) -> Iterator[Path]:
        """Checkpoint and close the file while the block runs, so that it can be copied."""
        path = self.folder / CATALOG_FILE
        self._database.execute("CHECKPOINT")
        self._database.close()
        self._pending_for = None
        try:
            yield path
        finally:
            self._database = open_writer(path, self._settings)

    def _write(self, change: Callable[[Database], int]) -> int:
        """Run `change` in one transaction; if it touched rows, the content has a new version."""
        return run_tables.change_content(self._database, lambda: change(self._database))

    # Runs

    def begin_run(self, run_id: str, sources: Sequence[str], settings_json: str) -> None:
        """Record that a run starts; earlier ones still marked as running become interrupted."""
        json.loads(settings_json)
        with self._database.transaction():
            run_tables.begin_run(self._database, run_id, sources, settings_json)

    def record_step(
        self, run_id: str, step: str, seconds: float, counts: Mapping[str, int]
    ) -> None:
        """Record how long a step of a run took and what it counted."""
        with self._database.transaction():
            run_tables.record_step(self._database, run_id, step, seconds, counts)

    def finish_run(
        self, run_id: str, state: str, counts: Mapping[str, int], message: str | None = None
    ) -> None:
        """Record how a run ended: `finished` or `failed`."""
        with self._database.transaction():
            run_tables.finish_run(self._database, run_id, state, counts, message)

    # Articles

    def known_articles(self, article_ids: Iterable[str]) -> set[ArticleId]:
        """Return those of the ids that the catalog holds."""
        return article_tables.find_known_articles(self._database, article_ids)

    def known_source_ids(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], ArticleId]:
        """Return the article first read under each (outlet, source id) that is known."""
        return article_tables.find_known_source_ids(self._database, keys)

    def add_articles(
        self,
        run_id: str,
        parsed: Sequence[ParsedArticle],
        rejected: Sequence[RejectedArticle] = (),
    ) -> int:
        """Insert articles and rejections that are not there yet; return how many were new."""
        self._pending_for = None
        return self._write(
            lambda database: article_tables.add_articles(database, run_id, parsed, rejected)
        )

    def give_due_dates(self, now: datetime) -> int:
        """Date the articles whose stated date lay ahead and has come; return how many."""
        self._pending_for = None
        return self._write(lambda database: article_tables.give_due_dates(database, now))

    def load_article_texts(self, article_ids: Iterable[str]) -> list[ParsedArticle]:
        """Return articles with paragraphs and credits, by article id; unknown ids are left out."""
        return article_tables.load_articles(self._database, article_ids)

    def articles_between(self, begin: datetime | None, end: datetime | None) -> list[ArticleId]:
        """Return the articles with begin <= time < end, by time; None leaves a side open.

        The time of an article is its publication, or when it was read where that is unknown.
        """
        return article_tables.find_articles_between(self._database, begin, end)

    def article_times(self, article_ids: Iterable[str]) -> dict[ArticleId, datetime]:
        """Return the time of each article, as `articles_between` counts it."""
        return article_tables.find_article_times(self._database, article_ids)

    def opening_hashes(self, article_ids: Sequence[str]) -> NDArray[np.int64]:
        """Return the text hash of each article's opening, int64[n] in the order asked."""
        return article_tables.find_opening_hashes(self._database, article_ids)

    # Steps

    def articles_pending(
        self, step: str, *, version: str = "", after: str | None = None
    ) -> list[ArticleId]:
        """Return the articles that `step` has not dealt with under `version`, by time and id.

        `version` names the settings: under another one every article is pending again. `after`
        leaves out those that an earlier step has yet to deal with.
        """
        return run_tables.list_pending(self._database, step, version, after)

    @contextmanager
    def finishing(
        self, step: str, article_ids: Iterable[str], run_id: str, *, version: str = ""
    ) -> Iterator[None]:
        """Commit what the block writes together with `step` being done for the articles."""
        with self.transaction():
            yield
            self.mark_done(step, article_ids, run_id, version=version)

    def mark_done(
        self, step: str, article_ids: Iterable[str], run_id: str, *, version: str = ""
    ) -> int:
        """Record that `step` has dealt with the articles; return for how many that is new."""
        return self._write(
            lambda database: run_tables.mark_done(database, step, article_ids, run_id, version)
        )

    # Vectors

    def count_texts_to_embed(self, model_id: str, *, min_words: int = MIN_WORDS) -> int:
        """Return how many distinct texts have no vector under `model_id`."""
        self._gather_texts(model_id, min_words)
        return segment_tables.count_texts_to_embed(self._database)

    def texts_to_embed(self, model_id: str, limit: int, *, min_words: int = MIN_WORDS) -> TextBatch:
        """Return up to `limit` distinct texts without a vector under `model_id`, by hash.

        These are body paragraphs of at least `min_words` words and the openings of articles.
        """
        self._gather_texts(model_id, min_words)
        return segment_tables.select_texts_to_embed(self._database, limit)

    def renew_vectors(self, model_id: str, *, min_words: int = MIN_WORDS) -> int:
        """Let texts that new articles repeat be found among the newest; return how many moved."""
        self._gather_texts(model_id, min_words)
        return segment_tables.renew_places(self._database)

    def mark_embedded(
        self,
        model_id: str,
        article_ids: Iterable[str],
        run_id: str,
        *,
        min_words: int = MIN_WORDS,
    ) -> int:
        """Record that every text of the articles has a vector under `model_id`."""
        version = segment_tables.name_embed_version(model_id, min_words)
        return self.mark_done(segment_tables.EMBED_STEP, article_ids, run_id, version=version)

    def articles_to_embed(self, model_id: str, *, min_words: int = MIN_WORDS) -> list[ArticleId]:
        """Return the articles of which texts may have no vector under `model_id`."""
        version = segment_tables.name_embed_version(model_id, min_words)
        return self.articles_pending(segment_tables.EMBED_STEP, version=version)

    def _gather_texts(self, model_id: str, min_words: int) -> None:
        if self._pending_for != (model_id, min_words):
            segment_tables.prepare_texts_to_embed(self._database, model_id, min_words)
            self._pending_for = (model_id, min_words)

    def record_segment(
        self,
        segment: VectorSegment,
        hashes: NDArray[np.int64],
        *,
        stamp: tuple[int, int] | None = None,
    ) -> int:
        """Record a file of vectors and the texts int64[n] in it, whose embedding is done thereby.

        `stamp` is size in bytes and time in nanoseconds of the file, which is right.
        """
        has_pending = self._pending_for is not None and self._pending_for[0] == segment.model_id

        def change(database: Database) -> int:
            n_new = segment_tables.record_segment(
                database, segment, hashes, has_pending=has_pending
            )
            segment_tables.add_checked_file(database, segment.file_name, stamp)
            return n_new

        return self._write(change)

    def replace_segments(
        self,
        old_ids: Sequence[str],
        segment: VectorSegment | None,
        *,
        stamp: tuple[int, int] | None = None,
    ) -> None:
        """Let one segment take the place of several, with all texts that they stand for.

        None takes the place of segments without texts. Their files stay for older snapshots.
        """

        def change(database: Database) -> int:
            segment_tables.replace_segments(database, old_ids, segment)
            if segment is not None:
                segment_tables.add_checked_file(database, segment.file_name, stamp)
            return 1

        self._write(change)

    def forget_segments(self, segment_ids: Iterable[str]) -> int:
        """Forget segments whose files are lost; return how many texts must be embedded again."""
        self._pending_for = None
        wanted = list(segment_ids)
        if not wanted:
            return 0
        n_texts = 0

        def change(database: Database) -> int:
            nonlocal n_texts
            n_texts = segment_tables.forget_segments(database, wanted, keep_files_for_readers=False)
            return 1

        self._write(change)
        return n_texts

    def list_model_ids(self) -> list[str]:
        """Return the model of each segment of vectors, oldest first."""
        return [segment.model_id for segment in self.list_segments()]

    def list_segments(self, model_id: str | None = None) -> list[VectorSegment]:
        """Return the segments of a model, or of all models, oldest first."""
        return segment_tables.list_segments(self._database, model_id)

    def locate_vectors(
        self, model_id: str, hashes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
        """Return, for each of hashes int64[n] that has a vector, its index and its segment id.

        They are int64[m], ascending, and str[m].
        """
        return segment_tables.locate_vectors(self._database, model_id, hashes)

    def count_live_rows(self, model_id: str) -> dict[str, int]:
        """Return how many texts each segment of the model still stands for."""
        return segment_tables.count_live_rows(self._database, model_id)

    def list_live_hashes(self, segment_id: str) -> NDArray[np.int64]:
        """Return the text hashes int64[n] that a segment still stands for, ascending."""
        return segment_tables.list_live_hashes(self._database, segment_id)

    def find_checked_files(self) -> dict[str, tuple[int, int]]:
        """Return size and time of each vector file when it was last found right."""
        return segment_tables.find_checked_files(self._database)

    def record_checked_files(self, found: Mapping[str, tuple[int, int]]) -> None:
        """Remember the size and time of vector files that were found right, and of no others."""
        with self._database.transaction():
            segment_tables.record_checked_files(self._database, found)

    def list_vector_files(self) -> set[str]:
        """Return the files that the catalog or a snapshot still in use may name."""
        return segment_tables.list_vector_files(self._database)

    def begin_publication(self) -> list[str]:
        """Count a publication; return the vector files that no reader needs once it is out."""
        with self._database.transaction():
            publication = run_tables.bump_counter(self._database, "publication")
            return segment_tables.begin_publication(self._database, publication)

    def end_publication(self, deleted_files: Iterable[str]) -> None:
        """Forget the retired files that were deleted."""
        with self._database.transaction():
            segment_tables.end_publication(self._database, deleted_files)

    # Passages

    def replace_verdicts(
        self, run_id: str, verdicts: Sequence[PassageMatch], matched_ids: Sequence[str]
    ) -> int:
        """Make the verdicts that touch `matched_ids` equal to `verdicts`.

        Returns rows touched: 0 where everything stood already.
        """
        return self._write(
            lambda database: passage_tables.replace_verdicts(
                database, run_id, verdicts, matched_ids
            )
        )

    def update_verdicts(self, run_id: str, verdicts: Sequence[PassageMatch]) -> int:
        """Overwrite verdicts on the same spans where they differ, as after a moved threshold."""
        return self._write(
            lambda database: passage_tables.update_verdicts(database, run_id, verdicts)
        )

    def load_verdicts(
        self,
        article_ids: Iterable[str] | None = None,
        *,
        matches_only: bool = True,
        with_superseded: bool = False,
    ) -> list[PassageMatch]:
        """Return verdicts with at least one article among `article_ids`, all for None.

        Those on articles that a later version replaced are left out, unless they are asked for.
        """
        return passage_tables.load_verdicts(
            self._database,
            article_ids,
            matches_only=matches_only,
            with_superseded=with_superseded,
        )

    def articles_sharing_copy(
        self, article_ids: Iterable[str], *, with_quotations: bool = True
    ) -> list[ArticleId]:
        """Return the articles and all that accepted matches connect to them, near and far."""
        return passage_tables.find_articles_sharing_copy(
            self._database, article_ids, with_quotations=with_quotations
        )

    def replace_passages(
        self,
        run_id: str,
        passages: Sequence[Passage],
        derivations: Sequence[ArticleDerivation],
        *,
        article_ids: Iterable[str],
    ) -> int:
        """Make passages and derivations of `article_ids` equal to those given.

        A passage leaves with all its places, so `article_ids` must be closed under
        `articles_sharing_copy`. A moved origin or agency becomes a row of `passage_events`, a moved
        answer on an article one of `derivation_events`.
        """
        scope = list(article_ids)

        def change(database: Database) -> int:
            return passage_tables.replace_passages(
                database, run_id, passages, scope
            ) + passage_tables.replace_derivations(database, run_id, derivations, passages, scope)

        return self._write(change)

    def replace_duplicates(
        self, run_id: str, clusters: Sequence[DuplicateCluster], *, article_ids: Iterable[str]
    ) -> int:
        """Make the duplicate clusters that touch `article_ids` equal to `clusters`."""
        return self._write(
            lambda database: passage_tables.replace_duplicates(
                database, run_id, clusters, article_ids
            )
        )

    def load_duplicates(self, article_ids: Iterable[str] | None = None) -> list[DuplicateCluster]:
        """Return the duplicate clusters that touch `article_ids`, all for None."""
        return passage_tables.load_duplicates(self._database, article_ids)

    # Stories

    def add_links(self, run_id: str, links: Sequence[Link], linked_ids: Sequence[str]) -> int:
        """Make the links that touch `linked_ids` equal to `links`; return rows touched."""
        return self._write(
            lambda database: story_tables.replace_links(database, run_id, links, linked_ids)
        )

    def load_links(
        self, article_ids: Iterable[str] | None = None, *, within: bool = False
    ) -> list[Link]:
        """Return links with one end among `article_ids` (both where `within`), all for None."""
        return story_tables.load_links(self._database, article_ids, within=within)

    def replace_clusters(
        self,
        run_id: str,
        clusters: Sequence[StoryCluster],
        events: Sequence[StoryEvent],
        *,
        affected_ids: Iterable[str] = (),
    ) -> int:
        """Make the story clusters `affected_ids` equal to `clusters`, and append `events`.

        Clusters that hold an article of `clusters` are affected without being named.
        """
        return self._write(
            lambda database: story_tables.replace_clusters(
                database, run_id, clusters, events, affected_ids
            )
        )

    def replace_story_sources(
        self, run_id: str, sources: Sequence[StorySourceRow], *, cluster_ids: Iterable[str]
    ) -> int:
        """Make the independent-source counts of the clusters equal to `sources`."""
        return self._write(
            lambda database: story_tables.replace_story_sources(
                database, run_id, sources, cluster_ids
            )
        )

    def replace_threads(
        self,
        run_id: str,
        threads: Sequence[StoryThread],
        events: Sequence[StoryEvent],
        *,
        affected_ids: Iterable[str] = (),
    ) -> int:
        """Make the story threads `affected_ids` equal to `threads`, and append `events`."""
        return self._write(
            lambda database: story_tables.replace_threads(
                database, run_id, threads, events, affected_ids
            )
        )

    def load_clusters(self, cluster_ids: Iterable[str] | None = None) -> list[StoryCluster]:
        """Return the story clusters with these ids, all for None, by id."""
        return story_tables.load_clusters(self._database, cluster_ids)

    def clusters_of_articles(self, article_ids: Iterable[str]) -> dict[ArticleId, ClusterId]:
        """Return the story cluster of each article that has one."""
        return story_tables.find_clusters_of_articles(self._database, article_ids)

    def load_threads(
        self,
        thread_ids: Iterable[str] | None = None,
        *,
        without_state: ThreadState | None = None,
    ) -> list[StoryThread]:
        """Return the story threads with these ids, all for None, by id."""
        return story_tables.load_threads(self._database, thread_ids, without_state=without_state)

    def resolve_story_id(self, old_id: str) -> str:
        """Return the present id of a story cluster or thread, following merges and splits.

        Raises `NotFoundError` for an id that never was, or that was removed.
        """
        return story_tables.resolve_story_id(self._database, old_id)

    # Corrections

    def add_correction(self, correction: Correction) -> int:
        """Insert a correction; return 0 where it holds already."""
        return self._write(lambda database: correction_tables.add_correction(database, correction))

    def undo_correction(self, correction_id: str, *, undone_by: str, undone_at: datetime) -> int:
        """Take a correction back. Raises `CorrectionError` for an unknown id."""
        return self._write(
            lambda database: correction_tables.undo_correction(
                database, correction_id, undone_by, undone_at
            )
        )

    def corrections(self, *, active_only: bool = True) -> list[Correction]:
        """Return the corrections in the order in which they were said."""
        return correction_tables.load_corrections(self._database, active_only=active_only)

    # The whole

    @property
    def content_version(self) -> int:
        """A number that grows with every transaction that changed content."""
        return run_tables.read_counter(self._database, "content_version")

    @property
    def publication(self) -> int:
        """The number of snapshots that were published."""
        return run_tables.read_counter(self._database, "publication")

    def content_digest(self) -> str:
        """Return a hash of all content, without run ids, times of writing and file layout."""
        return digest_content(self._database)

    def execute_read_only(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings | None = None,
    ) -> pa.Table:
        """Run one SELECT that a person wrote, on the published snapshot, within the bounds set.

        It can read no file and write nothing. Raises `StorageError` for anything else, and past
        the time or size; None sets no bounds.
        """
        if not self.read_only:
            raise StorageError("free SQL runs on the published snapshot only")
        return self._database.fetch_free_query(sql, parameters, settings=settings)

    def stream_read_only(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings,
    ) -> Iterator[pa.Table]:
        """Run one SELECT as `execute_read_only` does, and yield any number of rows in pieces."""
        if not self.read_only:
            raise StorageError("free SQL runs on the published snapshot only")
        return self._database.stream_free_query(sql, parameters, settings=settings)


def _refuse_older(folder: Path, database: Database, settings: StorageSettings) -> None:
    """Raise `StorageError` where the snapshot holds more changes than the catalog."""
    path = folder / SNAPSHOT_FILE
    if not path.exists():
        return
    asked = (
        "SELECT (SELECT value FROM store.counters WHERE name = 'content_version'),"
        " (SELECT count(*) FROM store.articles)"
    )
    try:
        snapshot = open_snapshot(path, settings)
        try:
            ((published, n_published),) = snapshot.fetch_rows(asked)
        finally:
            snapshot.close()
    except (NotFoundError, StorageError):
        return  # one that cannot be read is published anew
    ((present, n_present),) = database.fetch_rows(asked)
    if (published or 0) > present:
        raise StorageError(
            f"{folder}: the published snapshot ({n_published:,} articles) is newer than the"
            f" catalog ({n_present:,} articles), which was put back; nothing was changed."
            " `wirethread repair --keep snapshot` makes the catalog from the snapshot,"
            " `--keep catalog` goes on from the catalog; the other one is kept aside"
        )
