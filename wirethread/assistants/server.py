"""The tools: each one question, read-only, with caps, evidence and ids in every answer.

They are served over standard input and output to one client, which starts the program. SQL goes
through the same guard as everywhere: one SELECT, no files, no network, bounded in time and size.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import pyarrow as pa

from wirethread import __version__
from wirethread.archive import Archive as Snapshots
from wirethread.articles.errors import ConfigError, StorageError, WirethreadError
from wirethread.assistants.marking import NOTICE, mark_answer
from wirethread.python.answers import Answers
from wirethread.python.opened import OpenArchive
from wirethread.storage.answers.page.schema import list_views
from wirethread.storage.engine.free_query import SqlSettings, list_rows

__all__ = ["make_server", "serve_stdio"]

MOST_ANSWERS = 50
MOST_ROWS = 200
MOST_PARAGRAPHS = 40
_SQL = SqlSettings(timeout_seconds=20.0, max_mib=8.0)
Asked = ParamSpec("Asked")

INSTRUCTIONS = (
    "An archive of news articles: which passages travelled between outlets, which agency supplied"
    " them and how that is known, and which articles tell one story. Read-only. Begin with"
    " list_stories or find_similar; ids in answers are taken by get_story, get_article and explain."
    " A share is of the body's characters, 0 to 1; times are UTC. " + NOTICE
)


def make_server(folder: str | Path, *, config: str | Path | None = None) -> Any:
    """Return the server of an archive, an `mcp.server.MCPServer`.

    Raises `ConfigError` where the package `mcp` is not installed, and `NotFoundError` where nothing
    has been published.
    """
    try:
        from mcp.server import MCPServer  # noqa: PLC0415 - an extra
        from mcp.types import ToolAnnotations  # noqa: PLC0415
    except ImportError:
        raise ConfigError(
            "the package mcp is not installed: pip install 'wirethread[assistants]'"
        ) from None
    archive = OpenArchive(folder, config=config)
    server = MCPServer(name="wirethread", version=__version__, instructions=INSTRUCTIONS)
    reads_only = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    for tool in (*list_tools(archive), make_query_tool(Path(folder))):
        server.tool(annotations=reads_only)(answer_plainly(tool))
    return server


def serve_stdio(folder: str | Path, *, config: str | Path | None = None) -> None:
    """Answer a client on standard input and output until it leaves."""
    make_server(folder, config=config).run("stdio")


def answer_plainly(tool: Callable[Asked, Any]) -> Callable[Asked, dict[str, Any]]:
    """Return a tool whose answers are marked, and whose refusals are one sentence."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415

    @wraps(tool)
    def answer(*args: Asked.args, **asked: Asked.kwargs) -> dict[str, Any]:
        try:
            found = tool(*args, **asked)
            if isinstance(found, Answers):
                return {**mark_answer(list(found)), "has_more": found.has_more}
            return mark_answer(found)
        except WirethreadError as error:
            raise ToolError(str(error)) from None

    answer.__annotations__ = {**tool.__annotations__, "return": dict[str, Any]}
    return answer


def list_tools(archive: OpenArchive) -> list[Callable[..., Any]]:
    """Return the tools over an open archive."""

    def list_stories(  # noqa: PLR0917 - a client names what it asks
        limit: int = 10,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        agency: str | None = None,
        state: str | None = None,
        min_articles: int = 1,
        min_newsrooms: int = 0,
        offset: int = 0,
    ) -> Any:
        """List story threads, those seen last first. since and until are days like 2024-03-11,
        today or 3 days ago; state is developing, quiet or closed; min_newsrooms counts independent
        newsrooms. At most 50; where has_more is true, offset goes on."""
        return archive.stories(
            limit=bound(limit, MOST_ANSWERS),
            offset=max(0, offset),
            since=since,
            until=until,
            outlet=outlet,
            agency=agency,
            state=state,
            min_articles=min_articles,
            min_newsrooms=min_newsrooms,
        )

    def get_story(story_id: str) -> Any:
        """One story thread or cluster: its articles in time, its independent sources and the copy
        that its articles share, with the agency of each passage and the words that prove it."""
        return archive.story(story_id)

    def get_article(key: str, first_paragraph: int = 0, n_paragraphs: int = 20) -> Any:
        """One article by its id, its id in its source or its address, paragraph by paragraph: whose
        words each is, the evidence, and where else they ran. At most 40 paragraphs at once."""
        found = archive.article(key)
        begin = max(0, first_paragraph)
        shown = found.paragraphs[begin : begin + bound(n_paragraphs, MOST_PARAGRAPHS)]
        article = found.parsed.article
        return {
            "summary": found.summary,
            "byline": article.byline,
            "dateline": article.dateline,
            "language": article.language,
            "credits": found.parsed.credits,
            "derivation_reason": found.derivation_reason,
            "agency_shares": found.agency_shares,
            "cluster_id": found.cluster.cluster_id if found.cluster else None,
            "same_text_as": found.duplicates,
            "versions": found.versions,
            "n_paragraphs": len(found.paragraphs),
            "first_paragraph": begin,
            "paragraphs": shown,
        }

    def find_similar(  # noqa: PLR0917
        text: str,
        by: str = "both",
        limit: int = 10,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        agency: str | None = None,
        offset: int = 0,
    ) -> Any:
        """Find passages like a text, best first; by is meaning, words or both. score is the chance
        that a passage answers, similarity a cosine. At most 50; where has_more is true, offset goes
        on."""
        return archive.similar(
            text[:5_000],
            by=by,
            limit=bound(limit, MOST_ANSWERS),
            offset=max(0, offset),
            since=since,
            until=until,
            outlet=outlet,
            agency=agency,
        )

    def explain(left: str, right: str) -> Any:
        """Why two articles share copy and story, or do not: every score, rule and link."""
        return archive.explain(left, right)

    return [list_stories, get_story, get_article, find_similar, explain]


def make_query_tool(folder: Path) -> Callable[..., Any]:
    """Return the tool that asks in SQL."""
    snapshots = Snapshots(folder)

    def query_sql(sql: str) -> Any:
        """Ask in SQL (DuckDB): one SELECT over the documented views, which
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal" and DESCRIBE-like
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'passages'"
        tell. It can neither write nor read files. At most 200 rows."""
        rows: list[dict[str, Any]] = []
        with snapshots.read() as snapshot:
            names = [view.name for view in snapshot.make_once("views", list_views)]
            for piece in snapshot.catalog.stream_read_only(sql, settings=_SQL):
                rows += list_rows(refuse_large(piece.slice(0, MOST_ROWS + 1 - len(rows))))
                if len(rows) > MOST_ROWS:
                    break
        return {
            "untrusted_rows": rows[:MOST_ROWS],
            "has_more": len(rows) > MOST_ROWS,
            "views": names,
        }

    return query_sql


def refuse_large(piece: pa.Table) -> pa.Table:
    """Return rows whose values may be made in Python; one row may hold a list of any length.

    Raises `StorageError` where they take too much memory.
    """
    if piece.nbytes > _SQL.max_mib * (1 << 20):
        raise StorageError(
            f"{piece.num_rows} rows of the answer take more than {_SQL.max_mib:g} MiB: ask for less"
        )
    return piece


def bound(number: int, most: int) -> int:
    """Return a number that was asked for, from 1 to the most that is given."""
    return max(1, min(number, most))
