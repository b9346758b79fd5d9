"""Nothing from outside acts on the terminal, page or log in which it is shown."""

import io
import json
import logging
import unicodedata

import pytest
from rich.text import Text

from wirethread.articles.printable import escape_unseen, make_printable
from wirethread.as_json import to_json
from wirethread.drawing.answer_console import AnswerConsole
from wirethread.flows.reports.markdown import escape_markdown
from wirethread.flows.runs.logs import JsonLines, TextLines
from wirethread.flows.runs.run_names import name_flow_run

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ACTING = BIDIRECTIONAL + "\x1b\x07\x08\x7f\x9b\u2028\u2029"
HEADLINE = f"Bank {ACTING}robs man"
"""Shown as it is, the rest of its line would read backwards."""


def find_acting(text: str) -> set[str]:
    return set(text) & set(ACTING)


def test_the_list_of_bidirectional_controls_is_that_of_unicode() -> None:
    classes = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    found = {chr(n) for n in range(0x110000) if unicodedata.bidirectional(chr(n)) in classes}
    assert found <= set(BIDIRECTIONAL)
    assert make_printable("".join(sorted(found))) == ""


def show_in_terminal(text: str) -> str:
    console = AnswerConsole(width=100)
    console.file = io.StringIO()
    console.print(Text(text))
    return console.file.getvalue()


def show_in_log(text: str, formatter: logging.Formatter) -> str:
    return formatter.format(logging.LogRecord("w", logging.INFO, "", 0, "%s", (text,), None))


@pytest.mark.parametrize(
    "show",
    [
        make_printable,
        show_in_terminal,
        lambda text: to_json({"headline": text}),
        lambda text: show_in_log(text, TextLines()),
        lambda text: show_in_log(text, JsonLines()),
        escape_markdown,
        lambda text: name_flow_run([f"/data/{text}.jsonl"]),
    ],
)
def test_what_acts_reaches_no_door(show: object) -> None:
    shown = show(HEADLINE)  # type: ignore[operator]
    assert "Bank" in shown
    assert find_acting(shown) == set()


def test_json_says_the_same_as_before() -> None:
    said = {"headline": HEADLINE, "שלום": ["مرحبا", "a\tb\nc"]}
    assert json.loads(to_json(said)) == said
    assert json.loads(escape_unseen(json.dumps(said, ensure_ascii=False))) == said


def test_letters_written_from_the_right_are_left_as_they_are() -> None:
    words = "שלום עולם, مرحبا بالعالم\tx\ny"
    assert make_printable(words) == words
