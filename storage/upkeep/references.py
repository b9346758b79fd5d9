"""What must hold between the tables of the catalog: which rows name which, and what is unique.

Checking and mending follow these lists, so a table that names articles, clusters or runs belongs
here with one line.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from dataclasses import dataclass

from wirethread.storage.engine.database import Database

__all__ = ["REFERENCES", "UNIQUE_KEYS", "Reference", "is_waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Every value of `table.column` that is not NULL stands in `target.target_column`."""

    table: str
    column: str
    target: str
    target_column: str
    is_optional: bool = False
    """Whether the row can stand without it: then mending empties the column, not the table."""
    dealt_by: str | None = None
    """The step of a run that deals with rows that point to nothing: as long as something waits for
    it, they are what the step before it left, and no damage."""

    @property
    def words(self) -> str:
        """Say what points where."""
        return f"{self.table}.{self.column} -> {self.target}.{self.target_column}"

    @property
    def dangling(self) -> str:
        """Return the SQL condition, over the alias `t`, of rows that point to nothing."""
        return (
            f't."{self.column}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM store.{self.target} r'
            f' WHERE r."{self.target_column}" = t."{self.column}")'
        )


def is_waiting(database: Database, reference: Reference) -> bool:
    """Say whether the step that deals with rows that point to nothing has something before it."""
    if reference.dealt_by is None:
        return False
    has_marks = database.fetch_value(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'store'"
        " AND table_name = 'step_pending' AND database_name = current_database()"
    )  # an older schema has none
    return bool(has_marks) and bool(
        database.fetch_value(
            "SELECT EXISTS (SELECT 1 FROM store.step_pending WHERE step = $1)"
            " OR NOT EXISTS (SELECT 1 FROM store.step_versions WHERE step = $1)",
            [reference.dealt_by],
        )
    )


def _to_articles(table: str, *columns: str, optional: bool = False) -> list[Reference]:
    return [
        Reference(
            table=table,
            column=column,
            target="articles",
            target_column="article_id",
            is_optional=optional,
        )
        for column in columns
    ]


def _to(
    table: str, column: str, target: str, *, optional: bool = False, dealt_by: str | None = None
) -> Reference:
    return Reference(
        table=table,
        column=column,
        target=target,
        target_column=column,
        is_optional=optional,
        dealt_by=dealt_by,
    )


REFERENCES: tuple[Reference, ...] = (
    *_to_articles("paragraphs", "article_id"),
    *_to_articles("wire_credits", "article_id"),
    *_to_articles("step_pending", "article_id"),
    *_to_articles("passage_verdicts", "left_article_id", "right_article_id"),
    *_to_articles("passages", "origin_article_id", "evidence_article_id", optional=True),
    *_to_articles("passage_places", "article_id"),
    _to("passage_places", "passage_id", "passages"),
    _to("passages", "passage_id", "passage_places"),
    *_to_articles("paragraph_sources", "article_id"),
    _to("paragraph_sources", "paragraph_id", "paragraphs"),
    _to("paragraph_sources", "passage_id", "passages", optional=True),
    *_to_articles("own_paragraphs", "article_id"),
    _to("own_paragraphs", "paragraph_id", "paragraphs"),
    *_to_articles("derivation_events", "article_id"),
    *_to_articles("article_derivation", "article_id"),
    *_to_articles("article_agency_shares", "article_id"),
    *_to_articles("duplicate_clusters", "representative_id"),
    *_to_articles("duplicate_clusters", "origin_id", optional=True),
    *_to_articles("duplicate_cluster_articles", "article_id"),
    _to("duplicate_cluster_articles", "cluster_id", "duplicate_clusters"),
    _to("duplicate_clusters", "cluster_id", "duplicate_cluster_articles"),
    *_to_articles("articles", "superseded_by", optional=True),
    *_to_articles("article_versions", "article_id"),
    *_to_articles("article_versions", "supersedes", optional=True),
    *_to_articles("article_notes", "article_id"),
    *_to_articles("agency_notices", "article_id"),
    *_to_articles("notice_ties", "article_id", "old_article_id"),
    *_to_articles("outdated_copies", "article_id", "new_article_id", "old_article_id"),
    *_to_articles("links", "left_id", "right_id"),
    *_to_articles("story_cluster_articles", "article_id"),
    _to("story_cluster_articles", "cluster_id", "story_clusters"),
    _to("story_clusters", "cluster_id", "story_cluster_articles"),
    *_to_articles("story_sources", "article_id"),
    _to("story_sources", "cluster_id", "story_clusters"),
    _to("uncounted_clusters", "cluster_id", "story_clusters"),
    _to("story_thread_clusters", "cluster_id", "story_clusters"),
    _to("story_thread_clusters", "thread_id", "story_threads"),
    _to("story_threads", "thread_id", "story_thread_clusters", dealt_by="thread"),
    _to("vector_rows", "segment_id", "vector_segments"),
    _to("run_steps", "run_id", "runs"),
)

UNIQUE_KEYS: dict[str, tuple[str, ...]] = {
    "runs": ("run_id",),
    "run_steps": ("run_id", "step"),
    "articles": ("article_id",),
    "paragraphs": ("paragraph_id",),
    "step_versions": ("step",),
    "step_pending": ("step", "article_id"),
    "counters": ("name",),
    "vector_segments": ("segment_id",),
    "vector_rows": ("model_id", "text_hash"),
    "passage_verdicts": (
        "left_article_id",
        "right_article_id",
        "left_begin",
        "left_end",
        "right_begin",
        "right_end",
    ),
    "passages": ("passage_id",),
    "passage_places": ("passage_id", "article_id", "begin", "end"),
    "own_paragraphs": ("paragraph_id",),
    "derivation_events": ("event",),
    "article_derivation": ("article_id",),
    "article_agency_shares": ("article_id", "agency"),
    "duplicate_clusters": ("cluster_id",),
    "duplicate_cluster_articles": ("article_id",),
    "links": ("left_id", "right_id"),
    "story_clusters": ("cluster_id",),
    "story_cluster_articles": ("article_id",),
    "story_sources": ("cluster_id", "article_id"),
    "story_threads": ("thread_id",),
    "story_thread_clusters": ("cluster_id",),
    "story_redirects": ("old_id",),
    "corrections": ("correction_id",),
    "article_versions": ("article_id",),
    "forgettings": ("forgetting_id",),
    "source_feeds": ("source", "url"),
    "source_entries": ("source", "entry_key"),
    "source_files": ("source", "path"),
    "source_hosts": ("origin",),
    "source_reports": ("source",),
    "parcels": ("name",),
    "parcel_articles": ("article_id",),
    "alerts": ("alert_id", "channel"),
}
