"""Mend what can be mended: rows that point to nothing are set aside, the rest is made again.

Nothing that was stored is thrown away: what leaves the catalog or the folder is kept in a folder
`damaged-...` beside it, as the file it was or as CSV.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from wirethread.articles.errors import StorageError
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.types.articles import ArticleId, Paragraph, ParsedArticle, SourceArticle
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, SPARE_FILE, Catalog
from wirethread.storage.engine.bulk import WRITTEN, ids_table
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot
from wirethread.storage.engine.file_copy import copy_file
from wirethread.storage.engine.strays import clear_place, open_aside, sync_folder
from wirethread.storage.tables.articles import count_words
from wirethread.storage.tables.runs import bump_counter, open_step, open_steps
from wirethread.storage.tables.segments import EMBED_STEP, VectorSegment
from wirethread.storage.upkeep.readable import Reach, find_database_fault, measure_database
from wirethread.storage.upkeep.references import REFERENCES, UNIQUE_KEYS, Reference, is_waiting
from wirethread.storage.upkeep.segment_checks import find_orphan_files, find_segment_fault
from wirethread.storage.upkeep.text_checks import (
    BROKEN_ARTICLES,
    OUTSIDE_SPANS,
    TOO_EARLY,
    count_repeated_keys,
)
from wirethread.storage.words.checks import find_words_faults
from wirethread.storage.words.index import WORDS_FOLDER
from wirethread.storage.words.writing import remove_words

__all__ = ["Keep", "Mending", "RepairBench"]

Keep = Literal["snapshot", "catalog"]
"""Which of the two is right where the snapshot is newer than the catalog."""
_ROUNDS = 6
"""Removing a row may leave another one pointing to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Something that was mended."""

    name: str
    n_mended: int
    message: str


class RepairBench:
    """Mends one data folder, of which the caller holds the run lock."""

    def __init__(self, folder: str | Path, settings: StorageSettings | None = None) -> None:
        self.folder = Path(folder)
        self.mendings: list[Mending] = []
        self.aside: Path | None = None
        """Where what was damaged is kept; None as long as nothing was."""
        self._settings = settings or StorageSettings()

    def tell(self, name: str, n_mended: int, message: str) -> None:
        """Write down what was mended."""
        self.mendings.append(Mending(name=name, n_mended=n_mended, message=message))

    def _open_aside(self) -> Path:
        if self.aside is None:
            self.aside = open_aside(self.folder)
        return self.aside

    def set_aside(self, path: Path) -> None:
        """Move a damaged file to the folder of what was damaged."""
        path.rename(self._open_aside() / path.name)
        sync_folder(self.folder)

    # Files

    def restore_catalog(self, *, keep: Keep | None = None) -> None:
        """Make sure that there is a catalog that can be read, from the snapshot if need be.

        `keep` says which of the two is right where the snapshot is the newer one: then somebody put
        an older catalog back. Raises `StorageError` where that is not said, where neither can be
        read, and where the catalog is of a newer wirethread.
        """
        path = self.folder / CATALOG_FILE
        fault = self._find_fault(path)
        log = Path(f"{path}.wal")
        can_do_without_log = fault is not None and log.exists() and path.exists()
        if can_do_without_log and self._opens_without_log(path, log):
            self.tell(
                "catalog",
                1,
                "the log of changes that a killed run left cannot be read and is set aside;"
                " what it had stored last is lost: read its sources again",
            )
            fault = None
        copies = [one for one in map(self._measure, (SNAPSHOT_FILE, SPARE_FILE)) if one is not None]
        newest = max(copies, key=lambda one: one[1].change_number, default=None)
        if fault is None:
            self._settle(path, newest, keep)
            return
        if newest is None:
            snapshot_fault = self._find_fault(self.folder / SNAPSHOT_FILE)
            raise StorageError(
                f"{fault}, and the published snapshot cannot take its place ({snapshot_fault}):"
                " `wirethread restore BACKUP` brings a backup back"
            )
        source, extent = newest
        self._replace_catalog(path, source)
        name = "published snapshot" if source.name == SNAPSHOT_FILE else "snapshot before the last"
        ended = f"{extent.last_end:%Y-%m-%d %H:%M:%S} UTC" if extent.last_end else "some time ago"
        self.tell(
            "catalog",
            1,
            f"{fault}; it was made again from the {name}, whose last run ended"
            f" {ended}: what was stored later is lost, read those sources again",
        )

    def _measure(self, name: str) -> tuple[Path, Reach] | None:
        """Return a snapshot and how far it goes, None where a part of it cannot be read."""
        path = self.folder / name
        if self._find_fault(path) is not None:
            return None
        extent = measure_database(path, self._settings)
        return None if extent is None else (path, extent)

    def _settle(self, path: Path, newest: tuple[Path, Reach] | None, keep: Keep | None) -> None:
        """Keep the one that the person says where a snapshot is newer than the catalog."""
        present = measure_database(path, self._settings)
        if newest is None or present is None or newest[1].change_number <= present.change_number:
            return
        source, extent = newest
        if keep is None:
            raise StorageError(
                f"the published snapshot ({extent.words}) is newer than the catalog"
                f" ({present.words}), which was put back; nothing was changed: `wirethread repair"
                " --keep snapshot` makes the catalog from the snapshot, `--keep catalog` goes on"
                " from the catalog; the other one is kept aside"
            )
        if keep == "snapshot":
            self._replace_catalog(path, source)
            self.tell("catalog", 1, f"it was made from the newer snapshot ({extent.words})")
            return
        for name in (SNAPSHOT_FILE, SPARE_FILE):
            if os.path.lexists(self.folder / name):
                self.set_aside(self.folder / name)
        self.tell("snapshot", 1, f"the newer one ({extent.words}) is set aside")

    def _replace_catalog(self, path: Path, source: Path) -> None:
        """Set the catalog aside and put a copy of a snapshot in its place."""
        for entry in (path, Path(f"{path}.wal")):
            if os.path.lexists(entry):
                self.set_aside(entry)
        partial = self.folder / "catalog.partial"
        clear_place(partial, keep_in=self.folder)
        copy_file(source, partial)
        partial.replace(path)
        sync_folder(self.folder)

    def _find_fault(self, path: Path) -> str | None:
        return find_database_fault(path, self._settings)

    def _opens_without_log(self, path: Path, log: Path) -> bool:
        hidden = log.with_name(log.name + ".aside")
        log.rename(hidden)
        is_fine = self._find_fault(path) is None
        hidden.rename(log)
        if is_fine:
            self.set_aside(log)
        return is_fine

    def mend_snapshot(self) -> None:
        """Set a snapshot aside that cannot be read; the publication at the end makes another."""
        path = self.folder / SNAPSHOT_FILE
        if not os.path.lexists(path):
            self.tell("snapshot", 1, "nothing was published; it is published now")
            return
        fault = self._find_fault(path)
        if fault is not None:
            self.set_aside(path)
            clear_place(self.folder / SPARE_FILE, keep_in=self.folder)
            self.tell("snapshot", 1, f"{fault}; it is published anew")

    def mend_vectors(self, catalog: Catalog) -> int:
        """Let go of files of vectors that are not right; return texts to be embedded again."""
        lost = []
        segments = catalog.vectors.list_segments()
        mixed = find_mixed_models(segments)
        for segment in segments:
            fault = find_segment_fault(self.folder, catalog._database, segment)
            if segment.model_id in mixed:
                fault = f"has {segment.dimension} numbers a vector, others of its model another"
            if fault is None:
                continue
            lost.append(segment.segment_id)
            path = self.folder / "vectors" / segment.file_name
            if os.path.lexists(path):
                self.set_aside(path)
            self.tell(
                "vectors",
                segment.n_rows,
                f"{segment.file_name} {fault}; its {segment.n_rows} texts are embedded again",
            )
        return catalog.vectors.lose_segments(lost)

    def mend_words(self) -> None:
        """Delete an index of words that is damaged, or may not match rows that were mended."""
        folder = self.folder / WORDS_FOLDER
        faults = find_words_faults(folder) if folder.exists() else []
        if faults:
            self.tell(
                "words",
                len(faults),
                f"the index of words is not right ({faults[0]}); it is made again",
            )
        if self.mendings:
            remove_words(self.folder)

    def remove_leftovers(self, catalog: Catalog) -> None:
        """Delete what killed processes left: unfinished files and vectors that nothing names."""
        orphans = find_orphan_files(self.folder, catalog._database)
        for name in orphans:
            clear_place(self.folder / name, keep_in=self.folder)
        if orphans:
            self.tell(
                "orphans", len(orphans), f"removed {len(orphans)} files that belong to nothing"
            )

    # Rows

    def mend_rows(self, catalog: Catalog) -> None:
        """Mend rows in one transaction, and open every step for the articles concerned."""
        database = catalog._database
        with database.transaction():
            n_before = len(self.mendings)
            database.execute("CREATE OR REPLACE TEMP TABLE concerned (id VARCHAR)")
            self._drop_repeated(database)
            self._head_stories(database)
            for _ in range(_ROUNDS):
                if not sum(self._drop_dangling(database, reference) for reference in REFERENCES):
                    break
            self._mend_paragraphs(catalog)
            self._drop_spans(database)
            self._mend_counts(database)
            self._mend_places(database)
            n_open = open_steps(
                database,
                "SELECT article_id FROM store.articles"
                " WHERE article_id IN (SELECT id FROM concerned)",
            )
            if n_open:
                ((n_articles,),) = database.fetch_rows(
                    "SELECT count(DISTINCT id) FROM concerned"
                    " JOIN store.articles ON article_id = id"
                )
                self.tell(
                    "steps",
                    n_articles,
                    f"what is derived from {n_articles} articles is made again",
                )
            database.execute("DROP TABLE concerned")
            if len(self.mendings) > n_before:
                database.execute(
                    "INSERT INTO store.uncounted_clusters"
                    " SELECT DISTINCT cluster_id FROM store.story_cluster_articles"
                    "  ANTI JOIN store.story_sources USING (cluster_id, article_id)"
                    " WHERE cluster_id NOT IN (FROM store.uncounted_clusters) ORDER BY cluster_id"
                )
                open_step(database, EMBED_STEP)  # a row that was set aside may have been its place
                bump_counter(database, "content_version")

    def bring_back_articles(self, catalog: Catalog) -> None:
        """Fetch articles that paragraphs still name and the snapshot still holds."""
        lost = catalog._database.fetch_rows(
            "SELECT DISTINCT article_id FROM store.paragraphs"
            " ANTI JOIN store.articles USING (article_id)"
        )
        if not lost or self._find_fault(self.folder / SNAPSHOT_FILE) is not None:
            return
        snapshot = open_snapshot(self.folder / SNAPSHOT_FILE, self._settings)
        try:
            with snapshot.registered(lost=ids_table(row[0] for row in lost)):
                found = snapshot.fetch_table(
                    "SELECT * FROM store.articles WHERE article_id IN (SELECT id FROM lost)"
                )
        finally:
            snapshot.close()
        if found.num_rows:
            database = catalog._database
            with database.transaction(), database.registered(found=found):
                database.execute("INSERT INTO store.articles BY NAME SELECT * FROM found")
                open_steps(database, "SELECT article_id FROM found")
                bump_counter(database, "content_version")
            self.tell(
                "articles", found.num_rows, f"brought {found.num_rows} back from the snapshot"
            )

    def open_everything(self, catalog: Catalog) -> None:
        """Open every step for every article."""
        n_open = catalog._database.execute("DELETE FROM store.step_versions")
        catalog._database.execute("DELETE FROM store.step_pending")
        self.tell("steps", n_open, "everything that is derived is made again")

    def _keep(self, database: Database, table: str, where: str) -> None:
        """Write the rows that are about to leave to a CSV file."""
        name = f"{table}.csv"
        number = 1
        while (self._open_aside() / name).exists():
            number += 1
            name = f"{table}-{number}.csv"
        target = str(self._open_aside() / name).replace("'", "''")
        database.execute(
            f"COPY (SELECT * FROM store.{table} t WHERE {where}) TO '{target}' (HEADER)"
        )

    def _drop_repeated(self, database: Database) -> None:
        for table, keys in UNIQUE_KEYS.items():
            n_repeated, examples = count_repeated_keys(database, table, keys)
            if not n_repeated:
                continue
            columns = ", ".join(f'"{key}"' for key in keys)
            where = f"rowid NOT IN (SELECT min(rowid) FROM store.{table} GROUP BY {columns})"
            self._keep(database, table, where)
            self._note_concerned(database, table, where)
            database.execute(f"DELETE FROM store.{table} AS t WHERE {where}")
            self.tell(
                table, n_repeated, f"set aside {n_repeated} rows that stood twice ({examples[0]})"
            )

    def _head_stories(self, database: Database) -> None:
        """Give clusters and threads whose own row is lost one again, so that they keep their ids.

        Titles, times and names come with the next clustering.
        """
        n_clusters = database.execute(
            "INSERT INTO store.story_clusters"
            " SELECT cluster_id, '', NULL, NULL, count(*)::INTEGER,"
            "  count(DISTINCT outlet)::INTEGER, max(m.run_id)"
            " FROM store.story_cluster_articles m JOIN store.articles USING (article_id)"
            " WHERE cluster_id NOT IN (SELECT cluster_id FROM store.story_clusters)"
            " GROUP BY cluster_id ORDER BY cluster_id"
        )
        n_threads = database.execute(
            "INSERT INTO store.story_threads"
            " SELECT thread_id, '', 'quiet', NULL, NULL, [], [], max(run_id)"
            " FROM store.story_thread_clusters"
            " WHERE thread_id NOT IN (SELECT thread_id FROM store.story_threads)"
            " GROUP BY thread_id ORDER BY thread_id"
        )
        for table, n_made in (("story_clusters", n_clusters), ("story_threads", n_threads)):
            if n_made:
                database.execute(
                    "INSERT INTO concerned SELECT article_id FROM store.story_cluster_articles"
                    " JOIN store.story_thread_clusters USING (cluster_id)"
                    " JOIN store.story_threads t USING (thread_id)"
                    " WHERE t.title = '' OR cluster_id IN"
                    "  (SELECT cluster_id FROM store.story_clusters WHERE title = '')"
                )
                self.tell(table, n_made, f"made {n_made} lost rows anew")

    def _drop_dangling(self, database: Database, reference: Reference) -> int:
        table, column = reference.table, reference.column
        n_wrong = int(
            database.fetch_value(f"SELECT count(*) FROM store.{table} t WHERE {reference.dangling}")
        )
        if not n_wrong:
            return 0
        if is_waiting(database, reference):  # it says what became of them, so they stay
            self._finish_waiting(reference, n_wrong)
            return 0
        if table != "step_pending":
            self._keep(database, table, reference.dangling)
        self._note_concerned(database, table, reference.dangling)
        if reference.is_optional:
            database.execute(
                f'UPDATE store.{table} AS t SET "{column}" = NULL WHERE {reference.dangling}'
            )
        else:
            database.execute(f"DELETE FROM store.{table} AS t WHERE {reference.dangling}")
        self.tell(table, n_wrong, f"set aside {n_wrong} rows whose {column} points to nothing")
        return n_wrong

    def _finish_waiting(self, reference: Reference, n_waiting: int) -> None:
        """Let the steps be done that a stopped run left."""
        message = f"the step `{reference.dealt_by}`, which a stopped run left, is done"
        if message not in {mending.message for mending in self.mendings}:
            self.tell(reference.table, n_waiting, message)

    def _note_concerned(self, database: Database, table: str, where: str) -> None:
        """Remember the articles that rows name, and those of their clusters and passages."""
        columns = {
            reference.column
            for reference in REFERENCES
            if reference.table == table and reference.target == "articles"
        }
        for column in sorted(columns):
            database.execute(
                f'INSERT INTO concerned SELECT "{column}" FROM store.{table} t WHERE {where}'
                f' AND "{column}" IS NOT NULL'
            )
        groups = {
            "cluster_id": ("story_cluster_articles", "duplicate_cluster_articles"),
            "passage_id": ("passage_places",),
            "thread_id": (),
        }
        named = {one.column for one in REFERENCES if one.table == table} & set(groups)
        for column in sorted(named):
            for members in groups[column]:
                database.execute(
                    f"INSERT INTO concerned SELECT article_id FROM store.{members} WHERE {column}"
                    f' IN (SELECT t."{column}" FROM store.{table} t WHERE {where})'
                )
        if "thread_id" in named:
            database.execute(
                "INSERT INTO concerned SELECT article_id FROM store.story_cluster_articles"
                " JOIN store.story_thread_clusters USING (cluster_id) WHERE thread_id IN"
                f" (SELECT t.thread_id FROM store.{table} t WHERE {where})"
            )

    def _mend_paragraphs(self, catalog: Catalog) -> None:
        """Divide the text of articles anew whose paragraphs are not what it says."""
        database = catalog._database
        broken = [
            ArticleId(row[0])
            for row in database.fetch_rows(
                f"SELECT DISTINCT article_id FROM ({BROKEN_ARTICLES}) ORDER BY 1"
            )
        ]
        if not broken:
            return
        with database.registered(broken=ids_table(broken)):
            self._keep(database, "paragraphs", "t.article_id IN (SELECT id FROM broken)")
            parsed = catalog.articles.load_articles(broken)
            database.execute(
                "DELETE FROM store.paragraphs WHERE article_id IN (SELECT id FROM broken)"
            )
            database.execute("INSERT INTO concerned SELECT id FROM broken")
        insert_paragraphs(database, [piece for one in parsed for piece in divide_again(one)])
        self.tell("paragraphs", len(broken), f"divided the text of {len(broken)} articles anew")

    def _drop_spans(self, database: Database) -> None:
        for table, where in OUTSIDE_SPANS.items():
            n_wrong = int(
                database.fetch_value(f"SELECT count(*) FROM store.{table} t WHERE {where}")
            )
            if n_wrong:
                self._keep(database, table, where)
                self._note_concerned(database, table, where)
                database.execute(f"DELETE FROM store.{table} AS t WHERE {where}")
                self.tell(table, n_wrong, f"set aside {n_wrong} spans outside their articles")

    def _mend_places(self, database: Database) -> None:
        """Let rows that say they are older than their article be of the present."""
        for table, where in TOO_EARLY.items():
            n_wrong = database.execute(
                f"UPDATE store.{table} AS t SET written = {WRITTEN} WHERE {where}"
            )
            if n_wrong:
                self.tell(table, n_wrong, f"told the place of {n_wrong} rows anew")

    def _mend_counts(self, database: Database) -> None:
        n_wrong = database.execute(
            "UPDATE store.story_clusters AS c SET n_articles = m.n FROM"
            " (SELECT cluster_id, count(*)::INTEGER AS n FROM store.story_cluster_articles"
            "  GROUP BY cluster_id) m WHERE m.cluster_id = c.cluster_id AND m.n <> c.n_articles"
        )
        if n_wrong:
            self.tell("story_clusters", n_wrong, f"counted the articles of {n_wrong} clusters anew")
        n_lost = database.execute(
            "DELETE FROM store.story_redirects WHERE new_id NOT IN ("
            "SELECT cluster_id FROM store.story_clusters UNION ALL"
            " SELECT thread_id FROM store.story_threads UNION ALL"
            " SELECT old_id FROM store.story_redirects UNION ALL"
            " SELECT subject_id FROM store.story_events)"
        )
        if n_lost:
            self.tell("story_redirects", n_lost, f"dropped {n_lost} old ids that lead to nothing")


def divide_again(parsed: ParsedArticle) -> Sequence[Paragraph]:
    """Return the paragraphs of a stored article as parsing makes them."""
    article = parsed.article
    result = parse_article(
        SourceArticle(
            source=article.source,
            source_id=article.source_id,
            url=article.url,
            outlet=article.outlet,
            title=article.headline,
            text=article.text,
            published_at=article.published_at,
            published_precision=article.published_precision,
            authors=[article.byline] if article.byline else [],
            language=article.language,
        )
    )
    if not isinstance(result, ParsedArticle) or (result.article.article_id != article.article_id):
        raise StorageError(
            f"article {article.article_id} is damaged: its text is not the one that was stored;"
            " `wirethread restore BACKUP` brings a backup back"
        )
    return result.paragraphs


def find_mixed_models(segments: Sequence[VectorSegment]) -> set[str]:
    """Return the models whose files have vectors of several dimensions."""
    shapes = {(segment.model_id, segment.dimension) for segment in segments}
    models = [model_id for model_id, _ in shapes]
    return {model for model in models if models.count(model) > 1}


def insert_paragraphs(database: Database, paragraphs: Sequence[Paragraph]) -> None:
    """Insert paragraphs of articles that have none."""
    rows = [
        {
            "paragraph_id": paragraph.paragraph_id,
            "article_id": paragraph.article_id,
            "position": paragraph.position,
            "kind": paragraph.kind.value,
            "text": paragraph.text,
            "begin": paragraph.begin,
            "end": paragraph.end,
            "text_hash": paragraph.text_hash,
            "n_words": count_words(paragraph.text),
        }
        for paragraph in paragraphs
    ]
    if rows:
        with database.registered(new_paragraphs=pa.Table.from_pylist(rows)):
            database.execute(
                "INSERT INTO store.paragraphs BY NAME"
                f" SELECT *, {WRITTEN} AS written FROM new_paragraphs"
            )
