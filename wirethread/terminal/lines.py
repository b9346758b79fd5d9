"""Many questions to one archive: a line each, from a file or from a program that keeps asking."""

# ruff: noqa: PLC0415 - the settings take longer to import than a question to answer

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from wirethread.articles.errors import SourceError
from wirethread.articles.printable import escape_unseen
from wirethread.as_json import to_plain
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.paging import ask_page
from wirethread.passage_search import SimilarPassage
from wirethread.terminal.console import tell_end, tell_rest

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
    ask: Callable[..., Sequence[SimilarPassage]],
    questions: str,
    *,
    limit: int | None,
    offset: int,
    as_json: bool,
) -> None:
    """Answer every line of a file, or of standard input for `-`, as soon as it is read.

    `ask` takes a text, `limit` and `offset`. As JSON each line, a blank one too, has one object
    with `text`, `passages` and `has_more`, on one line.
    """
    for text in read_lines(questions):
        found: Sequence[SimilarPassage] = []
        has_more = False
        if text:
            found, has_more = ask_page(partial(ask, text), limit=limit, offset=offset)
        if as_json:
            answer = {"text": text, "passages": to_plain(found), "has_more": has_more}
            print(escape_unseen(json.dumps(answer, ensure_ascii=False)), flush=True)
        elif text:
            _draw_found(text, found, offset=offset, has_more=has_more)


def _draw_found(text: str, found: Sequence[SimilarPassage], *, offset: int, has_more: bool) -> None:
    from rich.text import Text

    from wirethread.drawing.answer_console import open_console
    from wirethread.drawing.answers import draw_similar

    console = open_console()
    console.print(Text(text, style="bold"))
    if offset and not found:
        console.print(tell_end(offset))
    else:
        console.print(draw_similar(found))
    if has_more:
        console.print(tell_rest(offset, len(found)))
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
