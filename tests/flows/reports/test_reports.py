"""What people and machines are told of a run: reports, logs, the state of an archive."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    hashing_settings,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.articles.errors import ModelError, NotFoundError
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.reports.artifacts import write_report, write_thread_rows
from wirethread.flows.reports.markdown import escape_markdown
from wirethread.flows.reports.state import read_state
from wirethread.flows.runs.logs import open_logs
from wirethread.flows.runs.run_file import RunFile, read_run_state
from wirethread.flows.runs.run_names import name_flow_run
from wirethread.flows.settings.due import ScheduleSettings
from wirethread.flows.settings.sections import LoggingSettings
from wirethread.sources.settings import SourceSettings
from wirethread.storage.answers.reports import load_run_findings
from wirethread.storage.catalog import Catalog


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hostile = {
        **sample_rows(FIRST_DAY)[0],
        "id": "hostile",
        "outlet": "Evil | <b>Post</b>",
        "url": "https://evil.example/1",
    }
    rows = [*sample_rows(FIRST_DAY), hostile, '{"title": "no text"}']
    return write_lines(tmp_path_factory.mktemp("news") / "news.jsonl", rows)


def test_the_report_of_a_run_tells_what_came_in_and_nothing_in_it_is_markup(
    news: Path, tmp_path: Path
) -> None:
    result = run_plainly([news], hashing_settings(tmp_path))
    with Catalog.open_published(tmp_path) as catalog:
        findings = load_run_findings(catalog, result.run_id)
    report = write_report(result, findings)
    assert report.startswith("# 9 new articles (0 known already, 1 set aside)")
    for heading in ("What came in", "What was set aside, and why", "New and growing stories"):
        assert f"## {heading}" in report
    assert "| Reuters |" in report
    assert "<b>" not in report
    assert r"Evil \| Post" in report
    rows = write_thread_rows(findings.threads)
    assert rows[0]["articles"] >= 4
    assert rows[0]["what happened"] == "born"


@pytest.mark.thorough
def test_the_report_of_a_run_without_news_says_so(news: Path, tmp_path: Path) -> None:
    run_plainly([news], hashing_settings(tmp_path))
    result = run_plainly([news], hashing_settings(tmp_path))
    with Catalog.open_published(tmp_path) as catalog:
        findings = load_run_findings(catalog, result.run_id)
    assert write_report(result, findings).startswith(
        "# Nothing new came in (9 articles known already"
    )
    assert findings.threads == []


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[x](javascript:alert(1))", r"\[x\]\(javascript\:alert\(1\)\)"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("a\n# b", r"a \# b"),
        ("www.evil.example", r"www\.evil\.example"),
        ("\u202egnp\x1b[2J", r"gnp\[2J"),
    ],
)
def test_words_from_outside_are_shown_letter_for_letter(words: str, shown: str) -> None:
    assert escape_markdown(words) == shown


def test_a_run_is_called_by_what_it_takes_in_and_when() -> None:
    moment = datetime(2026, 3, 10, 10, 15, tzinfo=UTC)
    sources = ["/news/a.jsonl", "https://feeds.example/world", "b.jsonl", "c.jsonl"]
    assert name_flow_run(sources, moment) == (
        "a.jsonl, feeds.example and 2 more, 10 Mar 2026 10:15:00 UTC"
    )
    assert name_flow_run([], moment).startswith("configured sources, ")


def test_json_logs_have_an_object_a_line_with_step_counts_and_seconds(
    news: Path, tmp_path: Path
) -> None:
    file = tmp_path / "run.log"
    with open_logs(LoggingSettings(format="json", file=str(file)), on_terminal=False):
        result = run_plainly([news], hashing_settings(tmp_path / "data"))
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {line["run_id"] for line in lines} == {result.run_id}
    read = next(line for line in lines if line["step"] == "read")
    assert read["counts"]["n_new_articles"] == 9
    assert read["counts"]["n_rejected"] == 1
    assert read["level"] == "info"
    assert [line["step"] for line in lines if line["step"]] == [one.step for one in result.steps]
    assert logging.getLogger("wirethread").level == logging.NOTSET


@pytest.mark.thorough
def test_the_state_tells_the_last_run_and_that_nothing_is_left(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path, schedule=ScheduleSettings(every_minutes=15))
    with pytest.raises(NotFoundError, match="nothing was run in"):
        read_state(hashing_settings(tmp_path / "none"))
    result = run_plainly([news], settings)
    state = read_state(settings)
    assert state.last_run is not None
    assert (state.last_run.run_id, state.last_run.state) == (result.run_id, "finished")
    assert (state.last_run.n_new_articles, state.last_run.n_rejected) == (9, 1)
    assert state.rows["articles"] == 9
    assert state.backlog == {}
    assert state.problems == ()
    assert state.next_due_at is not None
    later = read_state(settings, datetime.now(UTC) + timedelta(hours=1))
    assert later.is_stale
    assert later.problems[0].startswith("no run has finished since ")


@pytest.mark.thorough
def test_a_failed_run_is_a_problem_until_one_succeeds(news: Path, tmp_path: Path) -> None:
    broken = hashing_settings(tmp_path, embedding=EmbeddingSettings(model=str(tmp_path / "none")))
    with pytest.raises(ModelError):
        run_plainly([news], broken)
    state = read_state(hashing_settings(tmp_path))
    assert state.last_run is not None
    assert state.last_run.state == "failed"
    assert "there is no model folder" in state.problems[0]
    run_plainly([news], hashing_settings(tmp_path))
    assert read_state(hashing_settings(tmp_path)).problems == ()


@pytest.mark.thorough
def test_a_run_whose_process_is_gone_counts_as_interrupted(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    RunFile(tmp_path, "29990101T000000.000000Z-1", [])
    state = read_state(settings)
    assert state.running is None
    assert state.last_run is not None
    assert state.last_run.state == "interrupted"
    assert state.problems


@pytest.mark.thorough
def test_a_damaged_run_file_is_no_obstacle(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    (tmp_path / "run.json").write_text('{"run_id":', encoding="utf-8")
    assert read_run_state(tmp_path) is None
    state = read_state(settings)
    assert state.last_run is not None
    assert state.last_run.state == "finished"


@pytest.mark.thorough
def test_the_state_names_a_source_that_fails_and_forgets_it_with_the_settings(
    news: Path, tmp_path: Path
) -> None:
    lost = SourceSettings(name="lost", file=str(tmp_path / "lost.jsonl"))
    settings = replace(hashing_settings(tmp_path), sources=(lost,))
    run_plainly([news], settings)
    run_plainly([], settings)
    state = read_state(settings)
    assert [one.source for one in state.failing_sources] == ["lost"]
    assert "lost.jsonl" in (state.failing_sources[0].message or "")
    assert read_state(replace(settings, sources=())).failing_sources == []


def read_figures(text: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_each_run_leaves_figures_for_prometheus_also_one_that_fails(
    news: Path, tmp_path: Path
) -> None:
    file = tmp_path / "wirethread.prom"
    settings = hashing_settings(tmp_path / "data", logging=LoggingSettings(metrics_file=str(file)))
    run_plainly([news], settings)
    figures = read_figures(file.read_text(encoding="utf-8"))
    assert figures['wirethread_last_run_count{name="n_new_articles"}'] == 9
    assert figures['wirethread_last_run_count{name="n_rejected"}'] == 1
    assert figures['wirethread_rows{table="articles"}'] == 9
    assert (figures["wirethread_last_run_success"], figures["wirethread_problems"]) == (1, 0)
    assert figures["wirethread_running"] == 0
    state = read_state(settings)
    assert state.last_finished_at is not None
    ended = state.last_finished_at.timestamp()
    assert figures["wirethread_last_success_seconds"] == pytest.approx(ended)
    other = replace(settings, embedding=EmbeddingSettings(model="/no/such/model"))
    later = write_lines(tmp_path / "later.jsonl", sample_rows(["ng-festival", "mp-quake-2"]))
    with pytest.raises(ModelError):
        run_plainly([later], other)
    figures = read_figures(file.read_text(encoding="utf-8"))
    assert (figures["wirethread_last_run_success"], figures["wirethread_problems"]) == (0, 1)
    assert figures["wirethread_last_success_seconds"] == pytest.approx(ended)
    assert [path.name for path in tmp_path.glob("*.partial")] == []


@pytest.mark.thorough
def test_figures_that_cannot_be_written_fail_no_run(news: Path, tmp_path: Path) -> None:
    nowhere = LoggingSettings(metrics_file=str(tmp_path / "no" / "where.prom"))
    assert run_plainly([news], hashing_settings(tmp_path / "data", logging=nowhere)).run_id
