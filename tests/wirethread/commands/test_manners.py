"""How the command line treats people: help, hints, names nearly right, and places that are full."""

import io
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from tests.wirethread.calling import ROOT, call
from wirethread.articles.errors import ConfigError
from wirethread.articles.printable import count
from wirethread.cli import app
from wirethread.drawing.answer_console import AnswerConsole
from wirethread.drawing.plain_table import plain_table
from wirethread.drawing.progress import show_progress
from wirethread.flows.runs.progress import report_progress
from wirethread.moments import to_moment
from wirethread.terminal.examples import EXAMPLES


def list_commands() -> list[str]:
    from typer.main import get_command

    return sorted(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["", *list_commands()])
def test_help_has_a_short_way_and_none_of_pythons_names_of_types(name: str) -> None:
    short, long = (call(*name.split(), option) for option in ("-h", "--help"))
    assert short.out == long.out
    assert short.code == 0
    named = set(re.findall(r"<([a-z\[][^|>]*)>", short.out))
    assert named <= {"path", "text", "number"}


def test_every_command_stands_in_a_group() -> None:
    from wirethread.terminal.examples import GROUPS

    assert set(list_commands()) <= set(GROUPS)
    assert "Commands" not in call("--help").out


def list_all_commands() -> list[str]:
    """Return the names of all commands, as `correct join`."""
    return [name for name in EXAMPLES if len(name.split()) == 2] + list_commands()


def test_every_command_has_examples_of_its_own() -> None:
    assert set(EXAMPLES) >= set(list_commands())
    for group in ("correct", "evaluate"):
        listed = re.findall(r"^│ ([a-z][a-z-]+)  ", call(group, "--help").out, re.MULTILINE)
        assert {f"{group} {name}" for name in listed} == {
            name for name in EXAMPLES if name.startswith(f"{group} ")
        }


@pytest.mark.thorough
@pytest.mark.parametrize("name", list_all_commands())
def test_examples_are_of_their_command_and_know_its_options(name: str) -> None:
    for example in EXAMPLES[name]:
        words = shlex.split(example.partition(" > ")[0])
        assert words[0] == "wirethread"
        assert words[1 : 1 + len(name.split())] == name.split()
        place = 3 if words[1] in {"correct", "evaluate"} else 2
        told = call(*words[1:place], "--help").out
        assert " ".join(words[:place]) in " ".join(told.split())
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"{option}\b", told), (example, option)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["outdated", "--kind", "kil"], "'refile'; did you mean 'kill'?"),
        (["stories", "--state", "Quiet"], "did you mean 'quiet'?"),
        (["plot", "timline"], "did you mean 'timeline'?"),
        (["export", "x", "--format", "xml"], "'xml' is not one of 'parquet', 'csv',"),
        (["export", "x", "--format", "it's"], "is not one of 'parquet', 'csv',"),
    ],
)
def test_a_word_that_is_no_choice_is_told_with_the_nearest(asked: list[str], words: str) -> None:
    told = call(*asked)
    said = " ".join(told.err.replace("│", " ").split())
    assert told.code == 2
    assert words in said
    assert "Value error" not in said


@pytest.mark.usefixtures("shown")
def test_what_duckdb_says_of_a_mistake_is_told_whole() -> None:
    said = call("sql", "SELECT headlin FROM articles").err
    assert 'Candidate bindings: "headline"' in said
    assert "(line 1, at “headlin FROM articles”)" in said
    assert 'Did you mean "articles"?' in call("sql", "SELECT 1\nFROM article").err
    assert "line 2" in call("sql", "SELECT 1\nFROM article").err


@pytest.mark.usefixtures("shown")
def test_spans_of_time_read_as_days_and_hours() -> None:
    query = "SELECT INTERVAL 70 DAYS + INTERVAL 100 MINUTES AS span, [INTERVAL 1 DAY] AS spans"
    assert "70 days 01:40:00" in call("sql", query).out
    assert call("sql", query, "--json").json() == [{"span": "70 days 01:40:00", "spans": "[1 day]"}]


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("command", [("stories",), ("stories", "--clusters"), ("similar", "rain")])
def test_a_name_nearly_right_is_told_with_the_nearest(command: tuple[str, ...]) -> None:
    answer = call(*command, "--outlet", "halden bay tribun")
    assert (answer.code, answer.out) == (3, "")
    assert "'halden bay tribun'; did you mean Halden Bay Tribune" in answer.err
    answer = call(*command, "--agency", "Ruters")
    assert answer.code == 3
    assert "did you mean Reuters" in answer.err
    assert call(*command, "--outlet", "HALDEN BAY TRIBUNE").code == 0
    assert call(*command, "--agency", "ANSA").code == 0, "an agency that is known is no mistake"


@pytest.mark.thorough
@pytest.mark.usefixtures("shown")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without /dev/full")
@pytest.mark.parametrize(
    "arguments", [["stories"], ["sql", "SELECT 1", "--json"], ["--help"]], ids=" ".join
)
def test_a_full_disk_behind_the_output_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from wirethread.cli import main; main()", *arguments],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "wirethread: the answer cannot be written: No space left on device\n"


def test_days_can_be_named_from_now() -> None:
    now = datetime(2024, 3, 11, 15, 30, tzinfo=UTC)
    assert to_moment("today", "--since", now=now) == datetime(2024, 3, 11, tzinfo=UTC)
    assert to_moment("Yesterday", "--since", now=now) == datetime(2024, 3, 10, tzinfo=UTC)
    assert to_moment("3 days ago", "--since", now=now) == datetime(2024, 3, 8, 15, 30, tzinfo=UTC)
    assert to_moment("1 hour ago", "--since", now=now) == datetime(2024, 3, 11, 14, 30, tzinfo=UTC)
    for words in ("3 days", "tomorrow", "999999 weeks ago"):
        with pytest.raises(ConfigError):
            to_moment(words, "--since", now=now)
    # what lies outside of the calendar in UTC is told, not shown as a trace
    for words in ("0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00"):
        with pytest.raises(ConfigError, match=r"--since: .* is outside the years 1 to 9999"):
            to_moment(words, "--since", now=now)
    assert to_moment("2024-03-11T02:00+05:00", "--since") == datetime(2024, 3, 10, 21, tzinfo=UTC)


def test_numbers_and_nouns_agree() -> None:
    assert [count(1, "match"), count(0, "match"), count(1500, "article")] == [
        "1 match",
        "0 matches",
        "1,500 articles",
    ]
    assert [count(2, "story"), count(2, "day")] == ["2 stories", "2 days"]


def test_ids_stay_whole_where_a_table_is_too_wide() -> None:
    table = plain_table()
    table.add_column("article", no_wrap=True)
    table.add_column("other article", no_wrap=True)
    table.add_column("words", overflow="fold")
    left, right = "0123456789abcdef0123", "abcdef0123456789abcd"
    table.add_row(left, right, "Some words that go on and on")
    for width in (30, 60, 100):
        console = AnswerConsole(width=width)
        with console.capture() as capture:
            console.print(table)
        assert left in capture.get()
        assert right in capture.get()
        assert "Some words" in capture.get()


def test_outside_a_terminal_progress_is_a_line_now_and_then() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=False)
    with show_progress(console, seconds_a_line=0.05):
        report_progress("match", 0, 1500)
        time.sleep(0.12)
        report_progress("match", 120, 1500)
        time.sleep(0.12)
    lines = written.getvalue().splitlines()
    assert any(line.startswith("matching passages 0 of 1,500, ") for line in lines)
    assert any(line.startswith("matching passages 120 of 1,500, ") for line in lines)
    assert len(lines) < 10


@pytest.mark.thorough
def test_columns_of_a_table_can_be_named(tmp_path: Path) -> None:
    from dataclasses import replace

    from wirethread.commands.running import name_outlets_of_run, parse_columns

    text = "The council of Linden Pass voted to keep the old bridge open until the spring."
    table = write_lines(tmp_path / "t.csv", ["kop,tekst", f'A bridge stays open,"{text}"'])
    settings = name_outlets_of_run(
        hashing_settings(tmp_path / "data"),
        outlet="Paper",
        outlet_from=None,
        columns=parse_columns(["title=kop, text = tekst"]),
    )
    run_plainly([table], replace(settings))
    (row,) = call(
        "sql", "SELECT headline FROM articles", "--data", tmp_path / "data", "--json"
    ).json()
    assert row == {"headline": "A bridge stays open"}
    for wrong in ("title", "=kop", "title="):
        answer = call("run", table, "--columns", wrong, "--data", tmp_path / "no")
        assert answer.code == 2
        assert "is not like title=kop" in answer.err
    near = call("run", table, "--columns", "titel=kop").err
    assert near.startswith("wirethread: --columns: 'titel' is no field of an article; did you mean")


def test_columns_may_be_named_together_or_one_by_one() -> None:
    from wirethread.commands.running import parse_columns

    named = {"title": "kop", "text": "tekst"}
    assert parse_columns(["title=kop,text=tekst"]) == named
    assert parse_columns(["title=kop", "text = tekst", ""]) == named
    assert parse_columns(None) == {}
    with pytest.raises(ConfigError, match="--columns: title is both 'kop' and 'tekst'"):
        parse_columns(["title=kop", "title=tekst"])


def test_a_run_that_set_all_aside_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wirethread.drawing.answers import describe_run

    nothing = write_lines(tmp_path / "n.jsonl", [{"title": "No text"}])
    result = run_plainly([nothing], hashing_settings(tmp_path / "data"))
    said = list(describe_run(result))
    assert said[0].startswith("Nothing new: 0 articles known already, 1 set aside.")
    assert said[1].endswith('FROM rejected_articles"')
    monkeypatch.chdir(tmp_path)
    told = call("run", "n.jsonl", "--data", "my data")
    (hint,) = (line for line in told.out.splitlines() if "rejected_articles" in line)
    assert call(*shlex.split(hint.partition("wirethread ")[2])).out.count("n.jsonl:1") == 1


@pytest.mark.thorough
def test_status_says_that_no_scheduler_is_running(tmp_path: Path) -> None:
    from wirethread.flows.schedule.serving import hold_schedule

    rows = [{"title": "A", "text": "The bridge stays open until the spring, the council said."}]
    data = tmp_path / "data"
    run_plainly([write_lines(tmp_path / "n.jsonl", rows)], hashing_settings(data))
    config = tmp_path / "c.yaml"
    config.write_text("schedule:\n  every_minutes: 15\nembedding:\n  model: hashing\n")
    asked = ("status", "--data", data, "--config", config)
    assert "no scheduler is running" in " ".join(call(*asked).out.split())
    with hold_schedule(data):
        assert "no scheduler is running" not in " ".join(call(*asked).out.split())
    assert "1 article, " in call(*asked).out
