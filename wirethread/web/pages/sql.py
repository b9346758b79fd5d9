"""`/sql`: one SELECT over the documented views; a query is a link, and can be saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query

from wirethread.articles.errors import StorageError
from wirethread.storage.answers.page.schema import ViewSchema, list_views
from wirethread.storage.engine.free_query import SqlSettings, list_rows
from wirethread.web.api.exports import MOST_ROWS, add_exports
from wirethread.web.problems import ProblemError
from wirethread.web.saved import SavedQueries, SavedQuery
from wirethread.web.site import Ask, Line, Site
from wirethread.web.twins import add_twin

__all__ = ["add_sql"]

Words = Annotated[
    str, Query(max_length=20_000, description="One SELECT over the documented views.")
]
EXAMPLES = (
    SavedQuery(
        name="Agencies by passages",
        sql="SELECT agency, count(*) AS n_passages FROM passages GROUP BY agency ORDER BY 2 DESC",
    ),
    SavedQuery(
        name="Copies that credit no agency",
        sql="SELECT a.outlet, a.headline, round(d.share, 2) AS share, a.article_id\n"
        "FROM articles a JOIN article_derivation d USING (article_id)\n"
        "WHERE d.share > 0 AND article_id NOT IN\n"
        "    (SELECT article_id FROM wire_credits WHERE role IN ('source', 'contributor'))\n"
        "ORDER BY d.share DESC",
    ),
    SavedQuery(
        name="Passages that went furthest",
        sql="SELECT passage_id, agency, n_outlets, n_places, evidence FROM passages\n"
        "ORDER BY n_outlets DESC, n_places DESC LIMIT 50",
    ),
)


MOST_SHOWN_MIB = 16.0
"""Of the rows of a page, as columns; each value of a list becomes an object of its own."""
MOST_WRITTEN_MIB = 1024.0
"""Of the rows of a file, which stay columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlAnswer:
    """The rows of a query, and what can be asked."""

    sql: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    truncated: bool
    """Whether there are more rows than `max_rows`; the files have all."""
    max_rows: int
    timeout_seconds: float
    views: Sequence[ViewSchema]
    saved: Sequence[SavedQuery]


def answer_sql(ask: Ask, *, sql: Words = "") -> SqlAnswer:
    """The rows of one SELECT over the documented views. It can neither write nor read files."""
    limits = ask.settings
    saved: SavedQueries = ask.site.parts["saved"]
    columns: list[str] = []
    rows: list[list[Any]] = []
    truncated = False
    if sql.strip():
        table, truncated = run_query(
            ask,
            sql,
            max_rows=limits.max_rows,
            timeout_seconds=limits.query_seconds,
            max_mib=MOST_SHOWN_MIB,
        )
        columns = table.column_names
        rows = list_values(table)
    return SqlAnswer(
        sql=sql,
        columns=columns,
        rows=rows,
        truncated=truncated,
        max_rows=limits.max_rows,
        timeout_seconds=limits.query_seconds,
        views=ask.snapshot.make_once("views", list_views),
        saved=[*EXAMPLES, *saved.list_queries()],
    )


def run_query(
    ask: Ask, sql: str, *, max_rows: int, timeout_seconds: float, max_mib: float
) -> tuple[pa.Table, bool]:
    """Return the rows of a query up to `max_rows`, and whether there are more.

    Rows past the limit are not even made. Raises `ProblemError` for what is refused, and for rows
    that take more than `max_mib`: one of them may hold a list of any length.
    """
    limits = SqlSettings(timeout_seconds=timeout_seconds, max_mib=max_mib)
    try:
        pieces, n_rows, n_bytes = [], 0, 0
        for piece in ask.catalog.stream_read_only(sql, settings=limits):
            pieces.append(piece.slice(0, max_rows - n_rows))
            n_rows += piece.num_rows
            n_bytes += pieces[-1].nbytes
            if n_bytes > limits.max_mib * (1 << 20):
                raise ProblemError(
                    422, f"the rows take more than {limits.max_mib:g} MiB: ask for less"
                )
            if n_rows > max_rows:
                break
    except StorageError as error:
        raise ProblemError(422, str(error)) from error
    table = pa.concat_tables(pieces) if pieces else pa.table({})
    return table.slice(0, max_rows), n_rows > max_rows


def list_values(table: pa.Table) -> list[list[Any]]:
    """Return the rows as lists; a name may stand over several columns."""
    numbered = table.rename_columns([str(number) for number in range(table.num_columns)])
    return [list(row.values()) for row in list_rows(numbered)]


def export_sql(ask: Ask, *, sql: Words) -> pa.Table:
    """Return all rows of a query."""
    table, truncated = run_query(
        ask,
        sql,
        max_rows=MOST_ROWS,
        timeout_seconds=10 * ask.settings.query_seconds,
        max_mib=MOST_WRITTEN_MIB,
    )
    if truncated:
        raise ProblemError(
            422, f"the query has more than {MOST_ROWS:,} rows: ask for a part, or use the command"
        )
    return table


def view_sql(ask: Ask, answer: SqlAnswer) -> Mapping[str, Any]:
    """Return what the page links ids to."""
    links = {"article_id": "article", "passage_id": "passage", "thread_id": "story"}
    links |= {"cluster_id": "story", "origin_article_id": "article", "left_article_id": "article"}
    links |= {"right_article_id": "article", "evidence_article_id": "article"}
    return {
        "links": [links.get(name) for name in answer.columns],
        "can_save": ask.settings.allow_corrections,
    }


def add_sql(router: APIRouter, site: Site) -> None:
    """Add the page, its twin and its files."""
    add_twin(
        router,
        site,
        "/sql",
        answer_sql,
        template="sql.html",
        model=SqlAnswer,
        view=view_sql,
        line=Line.SQL,
    )
    add_exports(router, site, "/sql", export_sql, name="sql", line=Line.SQL)
