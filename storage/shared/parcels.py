"""Parcels: files of articles that one machine read and parsed, and another takes into its archive.

Parquet, a row an article or a refusal, under a name made of its maker, its number, and the checksum
of what it holds. What follows from the text is not in it and made again by who takes it: the ids,
the paragraphs' words and their hashes. So a parcel cannot say of an article what is not so, only
bring one that nobody published. Whoever reads one trusts nothing in it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from wirethread.articles.errors import StorageError
from wirethread.articles.normalize import hash_text
from wirethread.articles.parsing.parse import MAX_TEXT, derive_article_id
from wirethread.articles.types.articles import (
    Article,
    CreditRole,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
    TimePrecision,
    WireCredit,
)
from wirethread.storage.engine.file_copy import checksum_file

__all__ = [
    "PARCELS",
    "REFUSED",
    "TAKEN_UP",
    "Parcel",
    "ParcelFault",
    "ParcelName",
    "name_parcel",
    "parse_name",
    "read_parcel",
    "write_parcel",
]

PARCELS = "parcels"
"""Folder among the files of a shared archive, and in the folder of who hands in."""
TAKEN_UP = ".taken"
"""Ending of the empty file that stands beside the place of a parcel which is in a publication."""
REFUSED = ".refused"
"""Ending of the file that stands beside a parcel which was set aside, and says why."""
_FORM = 1
_FORM_KEY = b"wirethread.parcel"
_MOST_BYTES = 1 << 28
_MOST_BYTES_READ = 1 << 30
"""Of a file, before and after it is unpacked; a parcel of 500 articles has one or two million."""
_MOST_ROWS = 100_000
_ROWS_AT_ONCE = 64
_AHEAD = timedelta(days=1)
_NAME = re.compile(
    PARCELS + r"/(?P<maker>[a-z0-9][a-z0-9-]{0,99})/(?P<number>\d{12})-(?P<checksum>[0-9a-f]{32})"
    r"\.parquet"
)

_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = (
    *("source", "source_id", "url", "outlet", "headline", "byline", "dateline", "text"),
    *("language", "published_precision"),
)
_SCHEMA = pa.schema(
    {
        "article": pa.struct(
            [
                *((name, pa.string()) for name in _TEXTS),
                ("published_at", _TIME),
                ("updated_at", _TIME),
            ]
        ),
        "paragraphs": pa.list_(
            pa.struct([("kind", pa.string()), ("begin", pa.int32()), ("end", pa.int32())])
        ),
        "credits": pa.list_(
            pa.struct(
                [
                    *((name, pa.string()) for name in ("agency", "role", "rule", "evidence")),
                    ("begin", pa.int32()),
                    ("end", pa.int32()),
                    ("origin", pa.string()),
                ]
            )
        ),
        "notes": pa.list_(pa.struct([("field", pa.string()), ("words", pa.string())])),
        "rejected": pa.struct([(name, pa.string()) for name in ("source", "source_id", "reason")]),
    }
)


class ParcelFault(StorageError):  # noqa: N818 - what is at fault is the file
    """A parcel that cannot be taken, and why. `is_damaged`: it is not what was handed in."""

    def __init__(self, reason: str, *, is_damaged: bool = False) -> None:
        super().__init__(reason)
        self.is_damaged = is_damaged


class ParcelName(NamedTuple):
    """What the name of a parcel says; parcels of one maker are taken in the order of numbers."""

    maker: str
    number: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one machine read and parsed, and when."""

    parsed: Sequence[ParsedArticle]
    rejected: Sequence[RejectedArticle]
    made_at: datetime
    """Aware, in UTC."""


def name_parcel(maker: str, number: int, checksum: str) -> str:
    """Return the place of a parcel among the files of a shared archive."""
    return f"{PARCELS}/{maker}/{number:012d}-{checksum}.parquet"


def parse_name(name: str) -> ParcelName | None:
    """Return what a place says, None where it is not that of a parcel."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return ParcelName(found["maker"], int(found["number"]), found["checksum"])


def write_parcel(path: Path, parcel: Parcel) -> None:
    """Write a parcel to a new file."""
    rows = [*map(_describe_article, parcel.parsed), *map(_describe_rejected, parcel.rejected)]
    told = json.dumps({"form": _FORM, "made_at": parcel.made_at.isoformat()})
    table = pa.Table.from_pylist(rows, schema=_SCHEMA.with_metadata({_FORM_KEY: told}))
    pq.write_table(table, path, compression="zstd", use_dictionary=False)


def _describe_article(parsed: ParsedArticle) -> dict[str, Any]:
    article = parsed.article
    return {
        "article": {
            name: getattr(article, name) for name in (*_TEXTS, "published_at", "updated_at")
        },
        "paragraphs": [
            {"kind": str(one.kind), "begin": one.begin, "end": one.end} for one in parsed.paragraphs
        ],
        "credits": [
            {
                name: getattr(one, name)
                for name in ("agency", "role", "rule", "evidence", "begin", "end", "origin")
            }
            for one in parsed.credits
        ],
        "notes": [{"field": str(name), "words": words} for name, words in parsed.notes.items()],
    }


def _describe_rejected(one: RejectedArticle) -> dict[str, Any]:
    return {"rejected": {"source": one.source, "source_id": one.source_id, "reason": one.reason}}


def read_parcel(path: Path, name: ParcelName) -> Parcel:
    """Read a parcel that lies under `path`. Raises `ParcelFault` where anything in it is not so."""
    n_bytes = path.stat().st_size
    if n_bytes > _MOST_BYTES:
        raise ParcelFault(f"it has {n_bytes:,} bytes; at most {_MOST_BYTES:,} are read")
    if checksum_file(path) != name.checksum:
        raise ParcelFault("its checksum is not that of its name", is_damaged=True)
    try:
        rows, made_at = _read_rows(path)
        articles = [row for row in rows if row["article"] is not None]
        refusals = [row["rejected"] for row in rows if row["rejected"] is not None]
        if len(articles) + len(refusals) != len(rows):
            raise ParcelFault("a row of it is no article, or two things at once")
        return Parcel(
            parsed=[_build_article(row) for row in articles],
            rejected=[
                RejectedArticle(
                    source=_require(one["source"]),
                    source_id=one["source_id"],
                    reason=_require(one["reason"]),
                )
                for one in refusals
            ],
            made_at=made_at,
        )
    except (pa.ArrowException, ValueError, OverflowError, OSError, TypeError) as error:
        words = " ".join(str(error).split())[:300]
        raise ParcelFault(f"it cannot be read: {words}") from error


def _read_rows(path: Path) -> tuple[list[dict[str, Any]], datetime]:
    with pq.ParquetFile(path) as file:
        told = _read_form(file.schema_arrow.metadata or {})
        if not file.schema_arrow.equals(_SCHEMA, check_metadata=False):
            raise ParcelFault("its columns are not those of a parcel")
        told_bytes = sum(
            file.metadata.row_group(number).total_byte_size
            for number in range(file.metadata.num_row_groups)
        )
        if file.metadata.num_rows > _MOST_ROWS or told_bytes > _MOST_BYTES_READ:
            raise ParcelFault(
                f"it says that it holds {file.metadata.num_rows:,} rows of {told_bytes:,} bytes"
            )
        return list(_stream_rows(file)), told


def _stream_rows(file: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows, a few at a time: a file may hold more than it says."""
    n_bytes = 0
    for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
        n_bytes += batch.nbytes
        if n_bytes > _MOST_BYTES_READ:
            raise ParcelFault(f"it holds more than {_MOST_BYTES_READ:,} bytes")
        batch.validate(full=True)
        yield from batch.to_pylist()


def _read_form(metadata: Mapping[bytes, bytes]) -> datetime:
    """Return when it was made."""
    told = json.loads(metadata.get(_FORM_KEY, b"{}"))
    if not isinstance(told, dict) or told.get("form") != _FORM:
        raise ParcelFault("it is of another form: all machines need one version of wirethread")
    made_at = datetime.fromisoformat(told["made_at"])
    now = datetime.now(UTC)
    if made_at.tzinfo is None or made_at > now + _AHEAD:
        raise ParcelFault("it says that it was made in a time to come")
    return min(made_at.astimezone(UTC), now)


def _build_article(row: Mapping[str, Any]) -> ParsedArticle:
    """Return the article of a row, with all that follows from it made again."""
    told = row["article"]
    text = _require(told["text"])
    if len(text) > MAX_TEXT:
        raise ParcelFault(f"a text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    source = SourceArticle(
        source=_require(told["source"]),
        source_id=told["source_id"],
        url=told["url"],
        outlet=_require(told["outlet"]),
        title=_require(told["headline"]),
        text=text,
    )
    article_id = derive_article_id(source)
    article = Article(
        article_id=article_id,
        headline=_require(told["headline"]),
        outlet=_require(told["outlet"]),
        published_precision=TimePrecision(told["published_precision"]),
        **{
            name: told[name]
            for name in ("source", "source_id", "url", "byline", "dateline", "text", "language")
        },
        published_at=told["published_at"],
        updated_at=told["updated_at"],
    )
    paragraphs = []
    end = 0
    for position, one in enumerate(_items(row["paragraphs"])):
        if not end <= one["begin"] < one["end"] <= len(text):
            raise ParcelFault("a paragraph of it stands outside of its text")
        end = one["end"]
        words = text[one["begin"] : end]
        paragraphs.append(
            Paragraph(
                paragraph_id=ParagraphId(f"{article_id}-{position}"),
                article_id=article_id,
                position=position,
                kind=ParagraphKind(one["kind"]),
                text=words,
                begin=one["begin"],
                end=end,
                text_hash=hash_text(words),
            )
        )
    return ParsedArticle(
        article=article,
        paragraphs=paragraphs,
        credits=[_build_credit(article, one) for one in _items(row["credits"])],
        notes={_require(one["field"]): _require(one["words"]) for one in _items(row["notes"])},
    )


def _build_credit(article: Article, one: Mapping[str, Any]) -> WireCredit:
    begin, end = one["begin"], one["end"]
    if not ((begin, end) == (-1, -1) or 0 <= begin <= end <= len(article.text)):
        raise ParcelFault("a credit of it stands outside of its text")
    return WireCredit(
        article_id=article.article_id,
        agency=_require(one["agency"]),
        role=CreditRole(one["role"]),
        rule=_require(one["rule"]),
        evidence=_require(one["evidence"]),
        begin=begin,
        end=end,
        origin=one["origin"],
    )


Value = TypeVar("Value")


def _items(values: Sequence[Value | None] | None) -> Sequence[Value]:
    """Return what stands in a list, which is all there."""
    found = [one for one in values or () if one is not None]
    if len(found) != len(values or ()):
        raise ParcelFault("a list of it has a gap")
    return found


def _require(value: Any) -> str:
    """Return words that must be there."""
    if not isinstance(value, str):
        raise ParcelFault("words of it are missing")
    return value
