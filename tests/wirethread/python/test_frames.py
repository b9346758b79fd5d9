"""Answers as frames: types that say what a column holds, and extras that are named when missing."""

import builtins
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
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


STRANGE = (
    "UNION_VALUE(k := 1)", "[UNION_VALUE(k := 1)]", "INTERVAL 1 DAY", "{'x': INTERVAL 1 DAY}",
    "DATE '99999-01-01'", "'infinity'::DATE", "[{'d': DATE '99999-01-01'}]", "ROW(1, 2)",
    "MAP{[1]: 2}", "12345678901234567890123::HUGEINT", "'101'::BIT", "'a'::ENUM('a', 'b')",
    "'x'::BLOB", "'{\"a\": 1}'::JSON", "uuid()", "'24:00:00'::TIME", "NULL", "'nan'::DOUBLE",
)  # fmt: skip


@pytest.mark.parametrize("value", STRANGE)
def test_a_value_of_any_type_stands_in_every_frame(archive: wt.OpenArchive, value: str) -> None:
    for end, n_rows in (("", 2), (" WHERE false", 0)):
        rows = archive.sql(f"SELECT {value} AS v, outlet FROM (FROM articles LIMIT 2){end}")
        assert (len(rows), rows.arrow().num_rows) == (n_rows, n_rows)
        assert (rows.df().shape, rows.pl().shape) == ((n_rows, 2), (n_rows, 2))
        assert rows._repr_html_().count("<td>") == 2 * n_rows


def test_what_a_frame_has_no_value_for_is_words(archive: wt.OpenArchive) -> None:
    rows = archive.sql("SELECT DATE '99999-01-01' AS day, INTERVAL 3 DAY AS span, 7 AS n")
    assert rows.df().to_dict("records") == [
        {"day": "99999-01-01", "span": rows.df()["span"][0], "n": 7}
    ]
    assert rows.pl()["span"].to_list() == ["3 days"]


def test_columns_of_one_name_are_all_there(archive: wt.OpenArchive) -> None:
    """A row by column kept the last of them, and polars refused the frame."""
    rows = archive.sql("SELECT 1 AS a, 2 AS a, 3 AS a_1")
    assert dict(rows[0]) == {"a": 1, "a_2": 2, "a_1": 3}
    assert rows.pl().columns == list(rows.df().columns) == ["a", "a_2", "a_1"]


def test_numbers_and_times_of_frames_are_taken_as_they_are(archive: wt.OpenArchive) -> None:
    n = np.int64(3)
    assert len(archive.stories(limit=n, offset=np.int32(1), min_articles=n)) == 3
    for day in (np.datetime64("2024-03-13"), np.datetime64("2024-03-13T00:00", "ns")):
        assert archive.stories(since=day) == archive.stories(since="2024-03-13")
    assert archive.sql("SELECT $1 + $2 AS n", [n, np.float64(0.5)])[0].n == 3.5
    assert archive.sql("SELECT $n AS n", {"n": n})[0].n == 3
    text = "The council voted on Monday to keep the old bridge open until spring comes."
    assert len(wt.dedupe([text, text], threshold=np.float32(0.75)).rethreshold(n / 4).kept) == 1


def test_a_part_of_a_list_says_whether_it_goes_on(archive: wt.OpenArchive) -> None:
    stories = archive.stories(limit=3)
    assert (stories.has_more, stories[1:].has_more, stories[:2].has_more) == (True, True, False)


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
