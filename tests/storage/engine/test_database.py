import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from tests.storage.making import RUN, make_article, make_match
from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import StorageSettings


def test_a_transaction_keeps_all_or_nothing(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError, match="stop"), catalog._database.transaction():
        catalog.articles.add_articles(RUN, [make_article("a1")])
        catalog.runs.mark_done("match", ["a1"], RUN)
        raise RuntimeError("stop")
    assert catalog.articles.find_known_articles(["a1"]) == set()
    assert catalog.change_number == 0
    assert catalog.articles.add_articles(RUN, [make_article("a1")]) == 1


def test_a_step_is_done_together_with_what_it_stored_or_not_at_all(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
    verdicts = [make_match("a1", "b2")]
    with (
        pytest.raises(RuntimeError, match="stop"),
        catalog.finishing("match", ["a1", "b2"], RUN, fingerprint="v1"),
    ):
        catalog.copy.replace_verdicts(RUN, verdicts, ["a1", "b2"])
        raise RuntimeError("stop")
    assert catalog.copy.load_verdicts() == []
    assert catalog.runs.list_pending("match", fingerprint="v1") == ["a1", "b2"]
    before = catalog.change_number
    with catalog.finishing("match", ["a1"], RUN, fingerprint="v1"):
        catalog.copy.replace_verdicts(RUN, verdicts, ["a1"])
    assert catalog.copy.load_verdicts() == verdicts
    assert catalog.runs.list_pending("match", fingerprint="v1") == ["b2"]
    assert catalog.change_number > before


def test_a_failing_write_leaves_nothing_of_it(catalog: Catalog) -> None:
    broken = make_match("a1", "b2", score=float("nan"))
    with pytest.raises(StorageError, match="NOT NULL constraint"):
        catalog.copy.replace_verdicts(RUN, [make_match("c3", "d4"), broken], ["a1", "c3"])
    assert catalog.copy.load_verdicts() == []
    assert catalog.copy.replace_verdicts(RUN, [make_match("c3", "d4")], ["c3"]) == 1


def test_errors_name_the_statement_that_failed(catalog: Catalog) -> None:
    with pytest.raises(StorageError, match=r"the catalog refused: .* \[in: SELECT nonsense\]"):
        catalog._database.execute("SELECT   nonsense")


def test_arrow_tables_are_gone_after_their_block(catalog: Catalog) -> None:
    with catalog._database.registered(own=pa.table({"x": [1, 2]})):
        assert catalog._database.fetch_value("SELECT sum(x) FROM own") == 3
    with pytest.raises(StorageError, match="own"):
        catalog._database.fetch_value("SELECT sum(x) FROM own")


def test_threads_take_turns(catalog: Catalog) -> None:
    def write(name: str) -> None:
        for n in range(5):
            catalog.articles.add_articles(RUN, [make_article(f"{name}{n}")])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog.articles.find_articles_between(None, None)) == 15
    assert catalog.change_number == 15


@pytest.mark.parametrize(("name", "value"), [("memory_limit_gib", 0.1), ("threads", 0)])
def test_settings_out_of_bounds_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        StorageSettings(**{name: value})


def test_settings_reach_duckdb(catalog: Catalog) -> None:
    assert catalog._database.fetch_value("SELECT current_setting('memory_limit')") == "4.0 GiB"
    assert catalog._database.fetch_value("SELECT current_setting('TimeZone')") == "UTC"


def test_a_question_with_parameters_does_not_import_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    words = (
        "import sys; from pathlib import Path;"
        "from wirethread.storage.engine.database import StorageSettings, open_writer;"
        "database = open_writer(Path(sys.argv[1]), StorageSettings());"
        "print(database.fetch_rows('SELECT ?', ['a']), 'pandas' in sys.modules);"
        "import pandas; frame = pandas.DataFrame({'n': [1, 2]});"
        "print(len(frame), database.fetch_rows('SELECT ?', [pandas.NaT]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", words, str(tmp_path / "one.duckdb")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines() == ["[('a',)] False", "2 [(None,)]"]
