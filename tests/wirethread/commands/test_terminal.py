"""What the world writes is printed as it stands, and a reader may leave at any time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.driving import hashing_settings, run_plainly, sample_rows, write_lines
from tests.wirethread.calling import ROOT, call, call_apart

ODD = {
    "outlet": "The [red]Paper[/red] [/nothing] :smile:",
    "title": "[bold]Headline[/bold] with <b>tags</b> & [link=https://example.org]brackets[/link]",
    "text": "A council voted on [i]nothing[/i] that \\[mattered] much to the [/] town of Linden Pass."
    "\n\nThe mayor said [blink]so[/blink] and left the hall with 12 others before noon.",
}


@pytest.fixture(scope="module")
def odd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    rows = [
        {"id": f"odd-{number}", **ODD, "published_at": f"2024-03-1{number}T10:00:00Z"}
        for number in (1, 2)
    ]
    rows[1]["outlet"] = "Other [b]Paper[/b]"
    run_plainly([write_lines(folder / "odd.jsonl", rows)], hashing_settings(folder / "data"))
    return folder / "data"


def test_brackets_of_the_world_are_no_markup(odd_folder: Path) -> None:
    data = ("--data", odd_folder)
    (thread,) = call("stories", *data, "--json").json()
    for command in (["stories"], ["stories", "--clusters"], ["story", thread["thread_id"]]):
        answer = call(*command, *data)
        assert answer.code == 0
        flat = " ".join(answer.out.split())
        assert "[bold]Headline[/bold]" in flat
        assert "with tags &" in flat  # markup of a field is read, and never shown
    article = call("article", "odd-1", *data).out
    assert "[bold]Headline[/bold] with tags & [link=https://example.org]brackets[/link]" in article
    assert "The [red]Paper[/red] [/nothing] :smile:" in article
    assert "[i]nothing[/i] that \\[mattered]" in article
    story = call("story", thread["thread_id"], *data).out
    assert "The [red]Paper[/red] [/nothing] :smile:" in story
    similar = call("similar", "a council voted", *data).out
    assert "[i]nothing[/i]" in similar
    assert "[/nothing] :smile:" in similar
    rows = call("sql", 'SELECT outlet AS "[b]x[/b]" FROM articles ORDER BY 1', *data).out
    assert rows.splitlines()[0].strip() == "[b]x[/b]"
    assert "The [red]Paper[/red] [/nothing] :smile:" in rows


def test_a_terminal_that_lacks_letters_gets_escapes_and_programs_the_same_json(
    tmp_path: Path,
) -> None:
    row = {
        "id": "fr-1",
        "outlet": "Le Fanal",
        "title": "Séisme à Ostrel: «les secours» 🚒",
        "text": "Les secours ont retrouvé une fillette de huit ans sous une table de cuisine.",
        "published_at": "2024-03-11T10:00:00Z",
    }
    run_plainly([write_lines(tmp_path / "a.jsonl", [row])], hashing_settings(tmp_path / "data"))
    run = "from wirethread.cli import main; main()"
    for encoding, shown in (
        ("ascii", "S\\u00e9isme"),
        ("latin-1", "Séisme à Ostrel: «les secours»"),
    ):
        asked = [sys.executable, "-c", run, "article", "fr-1", "--data", str(tmp_path / "data")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
        told = subprocess.run(asked, env=environment, capture_output=True, check=True).stdout
        assert shown in told.decode(encoding)
        asked.append("--json")
        told = subprocess.run(asked, env=environment, capture_output=True, check=True).stdout
        assert json.loads(told.decode(encoding))["summary"]["headline"] == row["title"]


def test_control_characters_of_the_world_do_not_reach_the_terminal(tmp_path: Path) -> None:
    row = {
        **sample_rows(["tcs-cup"])[0],
        "title": "Plain \x1b[31mred\x1b[0m headline \x07 with \x1b]0;title\x07 escapes",
        "outlet": "Escape \x1b[2J Times",
    }
    data = tmp_path / "data"
    run_plainly([write_lines(tmp_path / "n.jsonl", [row])], hashing_settings(data))
    for command in (
        ["stories"],
        ["article", "tcs-cup"],
        ["sql", "SELECT outlet, headline FROM articles"],
    ):
        out = call(*command, "--data", data).out
        assert "Plain" in out
        assert not {"\x1b", "\x07"} & set(out)


def test_any_text_is_printed_as_json_and_as_a_table(tmp_path: Path) -> None:
    row = {
        **sample_rows(["tcs-cup"])[0],
        "title": "Überschrift 見出し عنوان 🗞 \u2028 and \ud83d alone",
    }
    data = tmp_path / "data"
    source = tmp_path / "n.jsonl"
    source.write_text(json.dumps(row) + "\n", encoding="utf-8")
    run_plainly([source], hashing_settings(data))
    for command in (["stories"], ["stories", "--json"], ["article", "tcs-cup"]):
        answer = call_apart(*command, "--data", data)
        assert answer.code == 0, answer.err
        assert "見出し" in answer.out


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("arguments", [["--json"], []], ids=["json", "table"])
def test_output_into_a_closed_pipe_leaves_no_trace(arguments: list[str]) -> None:
    command = [
        sys.executable,
        "-c",
        "from wirethread.cli import main; main()",
        "sql",
        "SELECT * FROM paragraphs",
        *arguments,
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(10)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() in (0, 141)  # 0 where all was written before the reader left
    assert err == ""
