"""Which rows of a view belong to an export, and the day of each."""

# ruff: noqa: S608 - only names of views and columns are put into SQL; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wirethread.storage.answers.page.schema import ViewSchema

__all__ = ["DAY", "ViewQuery", "select_view"]

DAY = "published_day"
"""Name of the partition: the day on which the article of a row was published, in UTC."""

_CHOSEN = "SELECT article_id FROM articles WHERE published_at >= $since"
_BY_COLUMN = {
    "article_id": "{} IN (" + _CHOSEN + ")",
    "left_article_id": "({} IN (" + _CHOSEN + ") OR right_article_id IN (" + _CHOSEN + "))",
    "passage_id": "{} IN (SELECT passage_id FROM passage_places WHERE article_id IN ("
    + _CHOSEN
    + "))",
    "cluster_id": "{} IN (SELECT cluster_id FROM story_cluster_articles WHERE article_id IN ("
    + _CHOSEN
    + "))",
    "thread_id": "{} IN (SELECT thread_id FROM story_thread_clusters JOIN story_cluster_articles"
    " USING (cluster_id) WHERE article_id IN (" + _CHOSEN + "))",
}
"""By key column: which rows concern articles since a day; the first that a view has counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewQuery:
    """How a view is asked for."""

    view: ViewSchema
    columns: Sequence[str]
    sql: str
    parameters: dict[str, datetime]
    has_days: bool
    """Whether the last column of the answer is `DAY`, for the partition."""


def select_view(view: ViewSchema, *, since: datetime | None, with_text: bool) -> ViewQuery:
    """Return the query for the rows of a view.

    `since` (naive, in UTC) leaves out what concerns no article published from then on, in views
    that say which articles they concern. Without text the columns named `text` are left out.
    """
    names = [column.name for column in view.columns]
    kept = [name for name in names if with_text or name != "text"]
    quoted = ", ".join(f'v."{name}"' for name in kept)
    has_days = "article_id" in names
    source = f'"{view.name}" v'
    if has_days:
        quoted += f", a.at::DATE AS {DAY}"
        source += " LEFT JOIN (SELECT article_id, published_at AS at FROM articles) a"
        source += " ON a.article_id = v.article_id"
    key = next((name for name in _BY_COLUMN if name in names), None)
    where, parameters = "", {}
    if since is not None and key is not None:
        where, parameters = f" WHERE {_BY_COLUMN[key].format(f'v.{key}')}", {"since": since}
    return ViewQuery(
        view=view,
        columns=kept,
        sql=f"SELECT {quoted} FROM {source}{where}",
        parameters=parameters,
        has_days=has_days,
    )
