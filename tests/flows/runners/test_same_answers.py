"""The public views are the same, row for row, wherever and in how many partitions work was done."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import work
from wirethread.flows.settings.sections import IngestSettings, RunnerSettings

pytestmark = [pytest.mark.pipeline, pytest.mark.thorough]

N_ARTICLES = len(FIRST_DAY) + len(SECOND_DAY)
OF_A_RUN = {
    *("run_id", "read_at", "found_at", "recorded_at", "rejected_at", "created_at", "begun_at"),
    *("last_read_at", "last_good_at", "started_at", "finished_at", "seconds"),
}
"""Columns that tell which run wrote a row, and when."""
OF_RUNS = ("runs", "run_steps", "vector_segments", "vector_rows")
"""Views about runs, and about the files that vectors happen to lie in."""


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("news") / "two_days.jsonl"
    return write_lines(path, sample_rows([*FIRST_DAY, *SECOND_DAY]))


def read_views(folder: Path) -> Mapping[str, Sequence[Any]]:
    """Return the rows of each public view, but for what names a run."""
    columns: dict[str, list[str]] = {}
    for view, column in fetch(
        folder,
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_views()"
        " ON view_name = table_name WHERE duckdb_views.schema_name = 'main'"
        " AND NOT duckdb_views.internal AND duckdb_columns.schema_name = 'main'"
        " ORDER BY ALL",
    ):
        if view not in OF_RUNS and column not in OF_A_RUN and not column.endswith("_run_id"):
            columns.setdefault(view, []).append(f'"{column}"')
    return {
        view: fetch(folder, f"SELECT {', '.join(names)} FROM {view} ORDER BY ALL")
        for view, names in columns.items()
    }


def run_on(
    folder: Path, news: Path, runner: RunnerSettings, n_partitions: int, patch: pytest.MonkeyPatch
) -> Mapping[str, Sequence[Any]]:
    size = -(-N_ARTICLES // n_partitions)
    patch.setattr(work, "ARTICLES_PER_BATCH", size)
    settings = hashing_settings(
        folder,
        embedding=EmbeddingSettings(model="hashing", texts_per_batch=-(-160 // n_partitions)),
        ingest=IngestSettings(articles_per_batch=size),
        runner=runner,
    )
    result = run_plainly([news], settings)
    assert result.count("match", "n_matched") == N_ARTICLES
    assert result.set_aside == ()
    return read_views(folder)


@pytest.fixture(scope="module")
def plain(news: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[Any]]:
    with pytest.MonkeyPatch.context() as patch:
        views = run_on(
            tmp_path_factory.mktemp("plain"), news, RunnerSettings(kind="here"), 1, patch
        )
    for view in ("articles", "passage_matches", "links", "story_clusters", "story_threads"):
        assert views[view], view
    return views


@pytest.mark.parametrize(
    ("kind", "n_partitions"),
    [
        pytest.param("here", 2, marks=pytest.mark.slow),
        pytest.param("here", 5, marks=pytest.mark.slow),
        ("processes", 5),
        pytest.param("processes", 1, marks=pytest.mark.slow),
        pytest.param("processes", 2, marks=pytest.mark.slow),
        pytest.param("dask", 1, marks=pytest.mark.slow),
        pytest.param("dask", 2, marks=pytest.mark.slow),
        pytest.param("dask", 5, marks=pytest.mark.slow),
    ],
)
def test_every_view_is_the_same_on_every_runner_and_in_any_partitions(
    kind: str,
    n_partitions: int,
    news: Path,
    plain: Mapping[str, Sequence[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = RunnerSettings(kind=kind, workers=2)  # type: ignore[arg-type]
    views = run_on(tmp_path, news, runner, n_partitions, monkeypatch)
    assert views.keys() == plain.keys()
    for view, rows in views.items():
        assert rows == plain[view], view
