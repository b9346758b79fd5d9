"""One run writes at a time, and readers never wait for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    hashing_settings,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.flows.killable import open_processes, run_with_a_stop
from tests.storage.digesting import digest_content
from wirethread.articles.errors import RunInProgressError
from wirethread.questions import list_clusters, list_stories, query_sql, show_article, show_story
from wirethread.storage.catalog import Catalog


@dataclass(frozen=True)
class StoppedRun:
    """A second run in another process, which waits in the middle of its work."""

    folder: Path
    second: Path
    process: Any
    go_on: Any
    digest_before: str


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[StoppedRun]:
    first = write_lines(tmp_path / "first.jsonl", sample_rows(FIRST_DAY))
    second = write_lines(tmp_path / "second.jsonl", sample_rows(SECOND_DAY))
    folder = tmp_path / "data"
    run_plainly([first], hashing_settings(folder))
    before = read_published_digest(folder)
    context = open_processes()
    reached, go_on = context.Event(), context.Event()
    process = context.Process(
        target=run_with_a_stop, args=("join", [str(second)], str(folder), reached, go_on)
    )
    process.start()
    assert reached.wait(60)
    yield StoppedRun(folder, second, process, go_on, before)
    go_on.set()
    process.join()


def test_a_second_writer_leaves_with_a_clear_message(stopped: StoppedRun) -> None:
    with pytest.raises(RunInProgressError) as refusal:
        run_plainly([stopped.second], hashing_settings(stopped.folder))
    assert str(refusal.value) == (
        f"another run (process {stopped.process.pid}) is writing to {stopped.folder}"
    )
    # and the run that was there first is none the worse for it
    stopped.go_on.set()
    stopped.process.join()
    assert stopped.process.exitcode == 0


def test_readers_see_the_last_answer_while_a_run_writes_and_the_new_one_after(
    stopped: StoppedRun,
) -> None:
    folder = stopped.folder
    count = "SELECT count(*) AS n FROM articles"
    assert query_sql(folder, count) == [{"n": len(FIRST_DAY)}]
    assert read_published_digest(folder) == stopped.digest_before
    threads = list_stories(folder)
    assert sum(one.n_articles for one in threads) == len(FIRST_DAY)
    assert show_story(folder, threads[0].thread_id)
    assert show_article(folder, "rtr-quake-1").parsed.article.outlet == "Reuters"
    with Catalog.open_published(folder) as open_reader:
        stopped.go_on.set()
        stopped.process.join()
        assert stopped.process.exitcode == 0
        assert query_sql(folder, count) == [{"n": len(FIRST_DAY) + len(SECOND_DAY)}]
        # a reader that stayed keeps the answer that it opened
        assert open_reader.execute_read_only(count).to_pylist() == [{"n": len(FIRST_DAY)}]
        assert digest_content(open_reader) == stopped.digest_before
    assert sum(one.n_articles for one in list_clusters(folder, limit=100)) == len(FIRST_DAY) + len(
        SECOND_DAY
    )
