"""`wirethread dedupe`: files in, the same records without copies out."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from wirethread.articles.errors import ConfigError, SourceError
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.articles.types.articles import RejectedArticle

__all__ = ["DedupeResult", "DroppedSource", "dedupe"]

SHOWN = 20
"""Copies that are shown on a terminal."""


class Prefer(StrEnum):
    """Which of some copies is kept, as words of the command line."""

    FIRST = "first"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedSource:
    """A record that was left out: where it stands, and where the one stands that is kept."""

    source: str
    kept_source: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeResult:
    """What `wirethread dedupe` kept and left out."""

    n_records: int
    n_kept: int
    n_dropped: int
    n_rejected: int
    duplicate_share: float
    """Share of the records that were left out, 0 to 1."""
    threshold: float
    kept_file: str | None
    dropped: Sequence[DroppedSource]
    rejected: Sequence["RejectedArticle"]
    """What could not be read, with the reason."""


def dedupe(
    files: Annotated[list[str], typer.Argument(help="Files or folders; - for standard input.")],
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Write what is kept as JSON Lines; - for standard output."),
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="From how much alike texts are one, .3 to 1.")
    ] = 0.7,
    key: Annotated[
        str | None, typer.Option("--key", help="Field with the text; found by itself, if not set.")
    ] = None,
    prefer: Annotated[
        Prefer, typer.Option("--prefer", help="Which of some copies is kept.")
    ] = Prefer.FIRST,
    as_json: AsJson = False,
) -> None:
    """Leave copies out of files: no archive, titles or model needed.

    Two texts are one where enough of their runs of five words stand in both. A record without words
    is kept; one that cannot be read is told with the reason.
    """
    from wirethread.python.deduping import dedupe as dedupe_records

    if keep is not None and str(keep) != "-":
        refuse_own_input(keep, files)
    elif keep is not None and as_json:
        raise ConfigError("dedupe: --keep - and --json both write to standard output")
    read = read_texts(files, key)
    result = dedupe_records(read.texts, threshold=threshold, prefer=prefer.value)
    kept = [read.records[place] for place in result.kept_positions]
    if keep is not None and str(keep) == "-":
        write_lines(kept, sys.stdout)
    elif keep is not None:
        write_records(keep, kept)
    answer = DedupeResult(
        n_records=len(read.records),
        n_kept=len(kept),
        n_dropped=len(result.dropped),
        n_rejected=len(read.rejected),
        duplicate_share=round(result.duplicate_share, 4),
        threshold=threshold,
        kept_file=None if keep is None else str(keep),
        dropped=[
            DroppedSource(
                source=read.sources[text.position],
                kept_source=read.sources[text.kept_position],
                score=text.score,
                reason=text.reason,
            )
            for text in result.dropped
        ],
        rejected=read.rejected,
    )
    if keep is None or str(keep) != "-":
        print_answer(answer, as_json=as_json, draw=draw_result)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTexts:
    """Records with their texts and where each stands, and what could not be read."""

    records: Sequence[Mapping[str, Any]]
    texts: Sequence[str]
    sources: Sequence[str]
    rejected: Sequence["RejectedArticle"]


def read_texts(files: Sequence[str], key: str | None) -> ReadTexts:
    """Read the records of all files, with the words that `key` names or that are found."""
    from wirethread.articles.types.articles import RejectedArticle

    read = [entry for file in files for entry in read_file(file, key)]
    rejected = [record for _, record in read if isinstance(record, RejectedArticle)]
    found: list[tuple[Mapping[str, Any], str, str]] = []
    for place, record in read:
        if isinstance(record, RejectedArticle):
            continue
        text = find_text(record, key, place)
        if isinstance(text, RejectedArticle):
            rejected.append(text)
        else:
            found.append((record, text, place))
    return ReadTexts(
        records=[record for record, _, _ in found],
        texts=[text for _, text, _ in found],
        sources=[place for _, _, place in found],
        rejected=rejected,
    )


def refuse_own_input(keep: Path, files: Sequence[str]) -> None:
    """Raise `ConfigError` where the output is a file that is read, or stands in no folder."""
    if not keep.parent.is_dir():
        raise ConfigError(f"--keep: there is no folder {keep.parent}")
    if keep.is_dir():
        raise ConfigError(f"--keep: {keep} is a folder")
    for file in files:
        path = Path(file)
        if path.exists() and (
            path.resolve() == keep.resolve()
            or (path.is_dir() and keep.resolve().is_relative_to(path.resolve()))
        ):
            raise ConfigError(f"--keep: {keep} is read too; name another file")


def read_file(file: str, key: str | None) -> Iterator[tuple[str, Any]]:
    """Yield records with their place; the field of the text keeps its name."""
    from wirethread.articles.reading.reader import read_raw
    from wirethread.articles.types.articles import RejectedArticle

    is_table = Path(file).name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".parquet"))
    columns = {"text": key} if key not in (None, "text") and is_table else None
    records = read_raw(file, columns=columns)
    while True:
        try:
            place, record = next(records)
        except StopIteration:
            return
        except SourceError as error:
            words, about_columns, _ = str(error).partition("; say which is which")
            if about_columns:
                words += "; name the column of the text with --key"
            raise SourceError(words) from None
        if columns is None or isinstance(record, RejectedArticle):
            yield place, record
        else:
            rest = {name: value for name, value in record.items() if name != "text"}
            yield place, {**rest, str(key): record.get("text")}


def find_text(record: Mapping[str, Any], key: str | None, place: str) -> "str | RejectedArticle":
    """Return the text of a record, or why it has none."""
    from wirethread.articles.types.articles import RejectedArticle
    from wirethread.python.deduping import read_key_text

    try:
        return read_key_text(record, key, place)
    except SourceError as error:
        reason = str(error).removeprefix(f"{place}: ").removeprefix(f"{place} ")
        reason = reason.replace("`key`", "--key")
        return RejectedArticle(source=place, source_id=None, reason=reason)


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of records, which is never there by half."""
    from wirethread.storage.engine.whole_file import draft_file

    try:
        with (
            draft_file(path) as draft,
            draft.open("w", encoding="utf-8", errors="replace") as file,
        ):
            write_lines(records, file)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}") from error


def write_lines(records: Iterable[Mapping[str, Any]], file: TextIO) -> None:
    """Write records with every field that they have, one JSON object a line."""
    from wirethread.as_json import to_plain

    for record in records:
        file.write(json.dumps(to_plain(record), ensure_ascii=False) + "\n")
    file.flush()


def draw_result(result: DedupeResult) -> "RenderableType":
    """Return what was kept and left out, in words and the first copies as a table."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = [
        Text(
            f"{say(result.n_records, 'record')}: {result.n_kept:,} kept,"
            f" {result.n_dropped:,} left out as copies ({result.duplicate_share:.1%})"
            + (f", {result.n_rejected:,} could not be read" if result.n_rejected else "")
            + (f"; written to {result.kept_file}" if result.kept_file else "")
        )
    ]
    for one in result.rejected[:SHOWN]:
        parts.append(Text(f"  {one.source}: {one.reason}"))
    if result.dropped:
        table = Table("record", "is a copy of", "score", "why", box=None, pad_edge=False)
        for copy in result.dropped[:SHOWN]:
            table.add_row(
                Text(Path(copy.source).name),
                Text(Path(copy.kept_source).name),
                f"{copy.score:.2f}",
                Text(copy.reason),
            )
        parts.append(table)
        if len(result.dropped) > SHOWN:
            rest = len(result.dropped) - SHOWN
            parts.append(Text(f"and {say(rest, 'more copy', 'more copies')}; --json lists all"))
    return Group(*parts)


def say(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 record`, `2 records`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
