"""`wirethread.run`: files, dicts and frames become an archive, and are refused like files."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import wirethread as wt
from tests.flows.driving import FIRST_DAY, sample_rows, write_lines
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import SourceArticle
from wirethread.python.records import list_given, write_records


@pytest.mark.parametrize(
    "form", [list, pd.DataFrame, lambda rows: pl.DataFrame(rows, infer_schema_length=None)]
)
def test_articles_in_hand_make_the_archive_that_a_file_makes(
    form: Callable[[list[dict[str, Any]]], Any],
    hashing_config: Path,
    published: Path,
    tmp_path: Path,
) -> None:
    rows = sample_rows(FIRST_DAY)
    done = wt.run(form(rows), data=tmp_path / "news", config=hashing_config)
    assert done.count("read", "n_new_articles") == len(rows)
    with wt.open(tmp_path / "news", config=hashing_config) as archive:
        query = "SELECT article_id FROM articles ORDER BY 1"
        made = [row.article_id for row in archive.sql(query)]
        with wt.open(published, config=hashing_config) as whole:
            assert set(made) < {row.article_id for row in whole.sql(query)}
        assert len(made) == len(rows)


def test_a_file_is_taken_in_by_its_path(hashing_config: Path, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "day.jsonl", sample_rows(FIRST_DAY[:2]))
    for given in (path, str(path), [path]):
        done = wt.run(given, data=tmp_path / "news", config=hashing_config)
    assert done.count("read", "n_known") == 2


def test_a_record_that_is_no_article_is_set_aside_and_the_run_goes_on(
    hashing_config: Path, tmp_path: Path
) -> None:
    good = sample_rows(FIRST_DAY[:1])[0]
    timed = {
        **good,
        "id": "other",
        "title": "Another",
        "published_at": datetime(2024, 3, 11, tzinfo=UTC),
    }
    done = wt.run([good, {"title": "No text"}, timed], data=tmp_path, config=hashing_config)
    assert done.count("read", "n_new_articles") == 2
    assert done.count("read", "n_rejected") == 1
    with wt.open(tmp_path, config=hashing_config) as archive:
        # where they stood is told by their number: the file that they went through is gone
        places = archive.sql("SELECT source FROM articles ORDER BY 1")
        assert [row.source for row in places] == ["records:1", "records:3"]
        (aside,) = archive.sql("SELECT source FROM rejected_articles")
        assert aside.source == "records:2"
        assert archive.sql("SELECT sources FROM runs")[0].sources == ["records"]
        rows = archive.sql("SELECT published_at FROM articles WHERE source_id = 'other'")
        assert rows[0].published_at == datetime(2024, 3, 11)


def test_records_without_ids_are_known_when_they_come_again(
    hashing_config: Path, tmp_path: Path
) -> None:
    rows = [{"title": row["title"], "text": row["text"]} for row in sample_rows(FIRST_DAY[:2])]
    assert wt.run(rows, data=tmp_path, config=hashing_config).count("read", "n_new_articles") == 2
    again = wt.run(rows[::-1], data=tmp_path, config=hashing_config)
    assert (again.count("read", "n_new_articles"), again.count("read", "n_known")) == (0, 2)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ([{"text": "x"}, 3], wt.SourceError, "record 2 is int, not a dict"),
        (pd.DataFrame(), wt.ConfigError, "the frame has no rows"),
        ("nowhere.jsonl", wt.SourceError, "there is no such file"),
        (3, wt.SourceError, "not int"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_before_anything_is_made(
    given: Any, error: type[Exception], words: str, hashing_config: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        wt.run(given, data=tmp_path / "news", config=hashing_config)
    assert not (tmp_path / "news" / "published.duckdb").exists()


def test_columns_are_records_whatever_pandas_makes_of_them(tmp_path: Path) -> None:
    """Lists come as arrays from Parquet, whole numbers as floats where one is missing."""
    text = "The council voted on Monday to keep the old bridge open until spring."
    frame = pd.DataFrame(
        {
            "id": [7, None],
            "title": pd.array(["Bridge stays", pd.NA], dtype="string"),
            "outlet": pd.Categorical(["Linden Post", "Coast Daily"]),
            "text": [text, f"{text} Nobody was glad."],
            "published_at": [pd.NaT, pd.Timestamp("2024-03-11 10:00", tz="Europe/Paris")],
            "authors": [np.array(["Ann Lee", "Cy Frost"]), None],
            "rest": [{1, "a"}, np.array([[1], [2]])],
        }
    )
    write_records(list_given(frame), tmp_path / "records.jsonl")
    first, second = read_articles(tmp_path / "records.jsonl")
    assert isinstance(first, SourceArticle)
    assert (first.source_id, first.outlet, first.title) == ("7", "Linden Post", "Bridge stays")
    assert (first.authors, first.published_at) == (("Ann Lee", "Cy Frost"), None)
    assert isinstance(second, SourceArticle)
    assert (second.source_id, second.authors) == (None, ())
    assert second.published_at == datetime(2024, 3, 11, 9, tzinfo=UTC)
