"""A question in SQL ends within its time and size, and whatever it gives can be shown."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.making import RUN, make_article
from wirethread.articles.errors import StorageError
from wirethread.as_json import to_json
from wirethread.questions import query_sql, stream_sql
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings, list_rows
from wirethread.storage.publish import publish_snapshot

ENDLESS = "SELECT count(*) FROM range(100000000000) a"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with Catalog.open(folder) as catalog:
        catalog.articles.add_articles(RUN, [make_article("a1")])
        publish_snapshot(catalog)
    return folder


@pytest.fixture
def snapshot(folder: Path) -> Iterator[Catalog]:
    with Catalog.open_published(folder) as opened:
        yield opened


@pytest.mark.heavy
@pytest.mark.parametrize(
    "sql",
    [
        ENDLESS,
        "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t",
        "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
        "SELECT a.range FROM range(100000000000) a WHERE a.range % 99999999999 = 7",
    ],
)
@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_question_without_end_is_stopped_at_its_time(
    folder: Path, sql: str, is_streamed: bool
) -> None:
    begun = time.monotonic()
    settings = SqlSettings(timeout_seconds=0.3)
    with pytest.raises(StorageError, match=r"longer than 0\.3 s \(sql\.timeout_seconds\)"):
        if is_streamed:
            list(stream_sql(folder, sql, settings=settings))
        else:
            query_sql(folder, sql, settings=settings)
    assert time.monotonic() - begun < 20


def test_an_answer_that_is_too_large_is_refused_and_can_be_streamed(folder: Path) -> None:
    sql = "SELECT range AS n, repeat('x', 100) AS words FROM range(100000)"
    settings = SqlSettings(max_mib=1)
    with pytest.raises(StorageError, match=r"more than 1 MiB \(sql\.max_mib\).*--lines"):
        query_sql(folder, sql, settings=settings)
    n_rows = 0
    for number, row in enumerate(stream_sql(folder, sql, settings=settings)):
        assert row["n"] == number
        n_rows += 1
    assert n_rows == 100_000


def test_a_slow_reader_of_a_stream_is_not_cut_off(folder: Path) -> None:
    rows = stream_sql(
        folder, "SELECT range FROM range(20000)", settings=SqlSettings(timeout_seconds=2)
    )
    first = next(rows)
    time.sleep(2.1)
    assert first == {"range": 0}
    assert sum(1 for _ in rows) == 19_999


ASKING = f"""
import sys
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings

with Catalog.open_published(sys.argv[1]) as snapshot:
    try:
        print("asking", flush=True)
        snapshot.execute_read_only({ENDLESS!r}, settings=SqlSettings(timeout_seconds=100))
    except KeyboardInterrupt:
        print(snapshot.execute_read_only("SELECT 1 AS n", settings=SqlSettings()).num_rows)
"""
"""In a process of its own: a signal that comes late must not end what runs the tests."""


@pytest.mark.heavy
def test_ctrl_c_stops_a_question(folder: Path) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-c", ASKING, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert asking.stdout is not None
    assert asking.stdout.readline() == "asking\n"
    time.sleep(0.3)
    asking.send_signal(signal.SIGINT)
    out, _ = asking.communicate(timeout=90)
    assert (out, asking.returncode) == ("1\n", 0)


def test_every_type_that_duckdb_has_can_be_shown(folder: Path, snapshot: Catalog) -> None:
    rows = query_sql(folder, "SELECT * FROM test_all_types()")
    assert len(rows) == 3
    assert rows[1]["date"] == "5881580-07-10"
    assert rows[0]["date_array"] == "[]"
    assert "infinity" in rows[1]["timestamp_array"]
    assert len(json.loads(to_json(rows))) == 3
    odd = snapshot.execute_read_only(
        "SELECT 'infinity'::TIMESTAMP AS t, INTERVAL 3 MONTH AS i, '101'::BIT AS b,"
        " MAP {'a': [1, NULL]} AS m, union_value(n := 'infinity'::DATE) AS u",
        settings=SqlSettings(),
    )
    (row,) = list_rows(odd)
    assert row["t"] == "infinity"
    json.loads(to_json(row))


@pytest.mark.parametrize("values", [{"timeout_seconds": 0}, {"max_mib": 0.01}])
def test_bounds_outside_what_makes_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(values))} must be"):
        SqlSettings(**values)


def test_columns_that_readers_have_no_type_for_are_words(snapshot: Catalog) -> None:
    sql = "SELECT UNION_VALUE(k := 1) AS one, [UNION_VALUE(k := 'x')] AS many, 2 AS one"
    table = snapshot.execute_read_only(sql, settings=SqlSettings())
    assert list_rows(table) == [{"one": "1", "many": "[x]", "one_1": 2}]
    first, rows = snapshot.stream_read_only(sql, settings=SqlSettings())
    assert first.schema == rows.schema == table.schema
    with pytest.raises(StorageError, match="cast it, as in value::VARCHAR"):
        snapshot.execute_read_only("SELECT {'a': 1}::VARIANT", settings=SqlSettings())
