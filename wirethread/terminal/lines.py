"""Many questions to one archive: a line each, from a file or from a program that keeps asking."""

# ruff: noqa: PLC0415 - the settings take longer to import than a question to answer

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wirethread.articles.errors import SourceError
from wirethread.articles.printable import escape_unseen
from wirethread.as_json import to_plain
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.passage_search import PassageSearch

__all__ = ["ask_lines", "find_embedding"]

SETTINGS_FILE = Path("config.yaml")


def find_embedding(config: Path | None, data: Path | None) -> tuple[Path, EmbeddingSettings]:
    """Return the data folder and the model that the settings name; none are read for the defaults.

    Reading all settings imports most of the pipeline.
    """
    if config is None and data is not None and not SETTINGS_FILE.is_file():
        return data, EmbeddingSettings()
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    return Path(settings.data_folder), settings.embedding


def ask_lines(
    search: PassageSearch, questions: str, asked: Mapping[str, Any], *, as_json: bool
) -> None:
    """Answer every line of a file, or of standard input for `-`, as soon as it is read.

    As JSON each line, a blank one too, has one object with `text` and `passages`, on one line.
    """
    for text in read_lines(questions):
        found = search.find_similar(text, **asked) if text else []
        if as_json:
            answer = {"text": text, "passages": to_plain(found)}
            print(escape_unseen(json.dumps(answer, ensure_ascii=False)), flush=True)
        elif text:
            from rich.text import Text

            from wirethread.drawing.answer_console import open_console
            from wirethread.drawing.answers import draw_similar

            console = open_console()
            console.print(Text(text, style="bold"))
            console.print(draw_similar(found))
            sys.stdout.flush()


def read_lines(questions: str) -> Iterator[str]:
    """Yield lines without the spaces around them. Raises `SourceError`."""
    if questions == "-":
        while line := sys.stdin.buffer.readline():
            yield line.decode("utf-8", "replace").strip()
        return
    try:
        with Path(questions).open("rb") as file:
            for line in file:
                yield line.decode("utf-8", "replace").strip()
    except OSError as error:
        raise SourceError(f"{questions} cannot be read: {error.strerror}") from error
