"""The README of an export: what lies where, and how to open it."""

from collections.abc import Sequence

from wirethread.storage.answers.page.schema import ViewSchema
from wirethread.storage.answers.whole.selection import DAY

__all__ = ["write_readme"]

_READERS = {
    "parquet": (
        "duckdb.sql(\"FROM read_parquet('articles/**/*.parquet', hive_partitioning = true)\")",
        'polars.scan_parquet("articles", hive_partitioning=True).collect()',
        'pandas.read_parquet("articles", partitioning=None)',
        'datasets.load_dataset("parquet", data_files="articles/**/*.parquet")',
    ),
    "csv": (
        "duckdb.sql(\"FROM read_csv('articles/**/*.csv', hive_partitioning = true)\")",
        'polars.concat([polars.read_csv(file) for file in sorted(Path("articles").rglob("*.csv"))],'
        ' how="vertical_relaxed")',
        "pandas.concat([pandas.read_csv(file)"
        ' for file in sorted(Path("articles").rglob("*.csv"))])',
        'datasets.load_dataset("csv", data_files="articles/**/*.csv")',
    ),
    "ndjson": (
        "duckdb.sql(\"FROM read_json('articles/**/*.ndjson', hive_partitioning = true)\")",
        "polars.concat([polars.read_ndjson(file) for file in"
        ' sorted(Path("articles").rglob("*.ndjson"))], how="diagonal_relaxed")',
        "pandas.concat([pandas.read_json(file, lines=True) for file in"
        ' sorted(Path("articles").rglob("*.ndjson"))])',
        'datasets.load_dataset("json", data_files="articles/**/*.ndjson")',
    ),
}


def write_readme(form: str, views: Sequence[ViewSchema], *, with_text: bool) -> str:
    """Return the page, in Markdown."""
    in_duckdb, in_polars, in_pandas, in_datasets = _READERS[form]
    imports = "" if form == "parquet" else "from pathlib import Path\n"
    again = (
        "`intake.jsonl` holds what was read, and nothing that was concluded from it:"
        " `wirethread run intake.jsonl` makes the same archive again.\n\n"
        if with_text
        else "It was made without texts.\n\n"
    )
    return (
        "# An archive of wirethread, as files\n\n"
        "A folder a view. Rows that concern one article lie in a folder a day,"
        f" `{DAY}=2024-03-11`, the day on which it was published in UTC; those of articles"
        " without a date in the one that readers take for NULL. `manifest.json` names every view"
        " and column with its comment, and every file with its rows and SHA-256;"
        " `sha256sum --check SHA256SUMS` tells whether all is as it was written. Times are UTC."
        " What the views mean stands in wirethread's documentation, views.md.\n\n"
        f"{again}"
        "## Open it in this folder\n\n"
        f"```python\n{imports}import duckdb\n\n{in_duckdb}\n```\n\n"
        f"```python\n{imports}import polars\n\n{in_polars}\n```\n\n"
        f"```python\n{imports}import pandas\n\n{in_pandas}\n```\n\n"
        f"```python\nimport datasets\n\n{in_datasets}\n```\n\n"
        "## Views\n\n" + "".join(f"- `{view.name}`: {view.comment}\n" for view in views)
    )
