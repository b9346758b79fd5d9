"""Answers as frames: types that say what a column holds, and extras that are named when missing."""

import builtins
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wirethread as wt
from wirethread.python.frames import to_arrow


@pytest.fixture
def archive(published: Path, hashing_config: Path) -> Iterator[wt.OpenArchive]:
    with wt.open(published, config=hashing_config) as opened:
        yield opened


def test_a_list_is_the_same_in_every_form(archive: wt.OpenArchive) -> None:
    stories = archive.stories(limit=7)
    titles = [story.title for story in stories]
    assert stories.arrow().column("title").to_pylist() == titles
    assert isinstance(stories.df(), pd.DataFrame)
    assert list(stories.df()["title"]) == titles
    assert isinstance(stories.pl(), pl.DataFrame)
    assert stories.pl()["title"].to_list() == titles
    first = stories[0].first_seen_at
    assert stories.pl()["first_seen_at"][0] == first
    assert stories.df()["first_seen_at"][0].to_pydatetime() == first


def test_a_part_of_a_list_is_a_list(archive: wt.OpenArchive) -> None:
    rows = archive.sql("SELECT outlet FROM articles ORDER BY outlet")
    assert rows[3:6].arrow().column("outlet").to_pylist() == [row.outlet for row in rows][3:6]
    assert archive.stories()[:2].pl().height == 2


def test_columns_have_types_without_any_row() -> None:
    schema = to_arrow([], wt.ThreadSummary).schema
    assert schema.field("first_seen_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("names").type == pa.list_(pa.string())
    assert schema.field("n_articles").type == pa.int64()
    assert schema.field("state").type == pa.string()


def test_a_record_in_a_record_is_taken_apart(archive: wt.OpenArchive) -> None:
    found = archive.similar("earthquake in the Ostrel Valley", limit=3)
    table = found.arrow()
    assert table.column("outlet").to_pylist() == [one.hit.outlet for one in found]
    assert table.column("score").to_pylist() == [one.score for one in found]
    assert table.column("hit_score").to_pylist() == [one.hit.score for one in found]
    assert table.schema.field("also").type.value_type.field("outlet").type == pa.string()


def test_every_list_of_an_archive_is_a_frame(archive: wt.OpenArchive) -> None:
    for found in (archive.stories(), archive.clusters(), archive.outdated(), archive.sources()):
        assert found.arrow().num_rows == len(found)
        assert found.pl().height == len(found.df()) == len(found)


@pytest.mark.parametrize(("library", "form"), [("pandas", "df"), ("polars", "pl")])
def test_a_missing_library_is_named_with_its_extra(
    archive: wt.OpenArchive, library: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, library)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(wt.ConfigError, match=rf"pip install 'wirethread\[{library}\]'"):
        getattr(archive.stories(), form)()
