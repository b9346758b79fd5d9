"""The page of the documentation that lists the views, made from their comments in the schema."""

import tempfile
from collections.abc import Iterator, Sequence

from wirethread.storage.answers.page.schema import ViewSchema, list_views
from wirethread.storage.catalog import Catalog

__all__ = ["write_views_page"]

HEAD = """# Views

Everything that wirethread knows stands in these views of `published.duckdb`, for `wirethread sql`,
DuckDB's own shell and any program that reads DuckDB. Names and columns are added to, never changed
or taken away. Offsets count characters of `articles.text`, half-open; times are UTC. This page is
made from the comments in the schema (`make docs`).
"""
COLUMNS = ("", "| column | type | |", "|---|---|---|")


def write_views_page(views: Sequence[ViewSchema]) -> str:
    """Return the page in markdown: a table of the views, then one of the columns of each."""
    return "\n".join([HEAD, *list_lines(views)])


def list_lines(views: Sequence[ViewSchema]) -> Iterator[str]:
    """Yield the tables, line by line."""
    yield "| view | what it holds |"
    yield "|---|---|"
    for view in views:
        yield f"| [`{view.name}`](#{view.name}) | {keep_in_cell(view.comment)} |"
    for view in views:
        yield from (
            "",
            f"## {view.name}",
            "",
            view.comment,
            "",
            "| column | type | |",
            "|---|---|---|",
        )
        for column in view.columns:
            yield f"| `{column.name}` | {column.type} | {keep_in_cell(column.comment)} |"
    yield ""


def keep_in_cell(words: str) -> str:
    """Return words that do not end a cell of a table."""
    return " ".join(words.split()).replace("|", r"\|")


def main() -> None:
    """Print the page of an empty archive's views."""
    with tempfile.TemporaryDirectory() as folder, Catalog.open(folder) as catalog:
        print(write_views_page(list_views(catalog)), end="")


if __name__ == "__main__":
    main()
