"""`wirethread.dedupe`: leave out texts that are copies of others, and say of which and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wirethread.articles.errors import ConfigError, SourceError
from wirethread.articles.records.record import pick_text
from wirethread.clustering.passages.like_texts import (
    LOWEST_SCORE,
    SHINGLE_WORDS,
    LikeTexts,
    choose_kept,
    find_like_texts,
)
from wirethread.python.answers import Answers
from wirethread.python.moments import plain
from wirethread.python.records import Records, list_given

__all__ = ["Deduplication", "DroppedRecord", "DuplicatePair", "dedupe", "read_key_text"]

Key = str | Callable[[Any], str | None] | None
_PREFER = ("first", "longest")


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRecord:
    """A record that is a copy of one that is kept."""

    position: int
    """Its place among the records, from 0."""
    kept_position: int
    """The place of the one that is kept."""
    score: float
    """Shared runs of five words over all runs of both, 0 to 1; 1 for the same words."""
    reason: str
    record: Any
    """As it was given."""
    kept: Any
    """The record that is kept, as it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two records that are alike, the one that is preferred on the left."""

    left_position: int
    right_position: int
    score: float
    reason: str


class Deduplication:
    """What `dedupe` found. `rethreshold` asks the same pairs anew, without comparing again."""

    def __init__(
        self,
        records: Sequence[Any],
        texts: Sequence[str],
        order: Sequence[int],
        found: LikeTexts,
        threshold: float,
    ) -> None:
        self._records = records
        self._texts = texts
        self._order = order
        self._found = found
        self.threshold = threshold
        """Records at least so much alike are one text."""

    @cached_property
    def _chosen(self) -> Mapping[int, tuple[int, float]]:
        """By position of a record that is dropped: that of the one kept, and the score."""
        kept, scores = choose_kept(self._found, self.threshold)
        order = self._order
        return {
            order[place]: (order[first], score)
            for place, (first, score) in enumerate(zip(kept.tolist(), scores.tolist(), strict=True))
            if first != place
        }

    @cached_property
    def kept(self) -> list[Any]:
        """The records that are kept, as and in the order they were given."""
        return [self._records[place] for place in self.kept_positions]

    @cached_property
    def kept_positions(self) -> list[int]:
        """The places of the records that are kept, from 0."""
        return [place for place in range(len(self._records)) if place not in self._chosen]

    @cached_property
    def dropped(self) -> Answers[DroppedRecord]:
        """The records that are left out, each with the one that is kept, the score and why."""
        return Answers(
            [
                DroppedRecord(
                    position=place,
                    kept_position=kept,
                    score=round(score, 4),
                    reason=self._say_why(place, kept, score),
                    record=self._records[place],
                    kept=self._records[kept],
                )
                for place, (kept, score) in sorted(self._chosen.items())
            ],
            DroppedRecord,
        )

    @cached_property
    def pairs(self) -> Answers[DuplicatePair]:
        """Every pair that was found at or above the threshold, the most alike first.

        Of texts with the same words each stands beside the first; of very many that are alike, each
        beside a few of them.
        """
        found, order = self._found, self._order
        listed = [
            (int(first), place, 1.0)
            for place, first in enumerate(found.equal_to.tolist())
            if first != place
        ]
        listed += [
            pair
            for pair in zip(
                found.left.tolist(), found.right.tolist(), found.scores.tolist(), strict=True
            )
            if pair[2] >= self.threshold
        ]
        listed.sort(key=lambda pair: (-pair[2], pair[0], pair[1]))
        return Answers(
            [
                DuplicatePair(
                    left_position=order[left],
                    right_position=order[right],
                    score=round(score, 4),
                    reason=self._say_why(order[right], order[left], score),
                )
                for left, right, score in listed
            ],
            DuplicatePair,
        )

    @property
    def duplicate_share(self) -> float:
        """Share of the records that are left out, 0 to 1."""
        return len(self._chosen) / len(self._records) if self._records else 0.0

    def rethreshold(self, threshold: float) -> "Deduplication":
        """Return what another threshold keeps and drops, from the pairs that are known.

        Raises `ConfigError` below `lowest_score`, where no pairs were looked for.
        """
        threshold = plain(threshold)
        _check_threshold(threshold)
        return Deduplication(self._records, self._texts, self._order, self._found, threshold)

    @property
    def lowest_score(self) -> float:
        """The least that two records may be alike to be among the pairs."""
        return LOWEST_SCORE

    def __repr__(self) -> str:
        return (
            f"Deduplication(kept={len(self._records) - len(self._chosen)},"
            f" dropped={len(self._chosen)}, threshold={self.threshold:g})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>{self.dropped._repr_html_()}"

    def _say_why(self, place: int, kept: int, score: float) -> str:
        if self._texts[place] == self._texts[kept]:
            return "the same text"
        if score == 1.0:
            return "the same words, written otherwise"
        return f"{score:.0%} of all runs of {SHINGLE_WORDS} words stand in both"


def dedupe(
    records: Records,
    *,
    threshold: float = 0.7,
    key: Key = None,
    prefer: str = "first",
) -> Deduplication:
    """Return which records are kept and which are copies of them.

    `records` are texts, dicts, or a frame of pandas, polars or arrow. `key` is the field with the
    text, or a function from a record to its text; without it the field is found as in files
    (`text`, `maintext`, `body`, ...). Two texts are one from `threshold` on: shared runs of five
    words over all runs of both (Jaccard), worked out exactly. Of copies the `first` is kept, or the
    `longest`. A record without words is kept. No title, vector or archive is needed; time grows
    with the texts, however many are copies of one.

    Raises `ConfigError` for a threshold outside .3 to 1, and `SourceError` where the text of a
    record cannot be found.
    """
    threshold = plain(threshold)
    _check_threshold(threshold)
    if prefer not in _PREFER:
        raise ConfigError(f"prefer must be first or longest, not {prefer!r}")
    listed = list_given(records)
    texts = [read_key_text(record, key, f"record {place}") for place, record in enumerate(listed)]
    order = list(range(len(texts)))
    if prefer == "longest":
        order.sort(key=lambda place: (-len(texts[place]), place))
    found = find_like_texts([texts[place] for place in order])
    return Deduplication(listed, texts, order, found, threshold)


def _check_threshold(threshold: float) -> None:
    if not isinstance(threshold, int | float) or not LOWEST_SCORE <= threshold <= 1:
        raise ConfigError(f"threshold must be {LOWEST_SCORE:g} to 1, not {threshold!r}")


def read_key_text(record: Any, key: Key, place: str) -> str:
    """Return the text of a record; empty where it has none.

    Raises `SourceError`, which begins with `place`, where it cannot be found.
    """
    if callable(key):
        text = key(record)
    elif isinstance(record, str):
        text = record
    elif not isinstance(record, Mapping):
        raise SourceError(f"{place} is {type(record).__name__}, not a text or dict")
    elif key is None:
        return _find_text(record, place)
    elif key in record:
        text = record[key]
    else:
        raise SourceError(f"{place} has no field {key!r}; it has {', '.join(map(str, record))}")
    if text is None or (isinstance(text, float) and text != text):  # noqa: PLR0124 - NaN
        return ""
    if not isinstance(text, str):
        raise SourceError(f"{place}: its text is {type(text).__name__}, not a string")
    return text


def _find_text(record: Mapping[str, Any], place: str) -> str:
    text = pick_text(record)
    if text is not None:
        return text
    # what reads pages takes longer to import than a thousand texts to compare
    from wirethread.articles.reading.document import read_document  # noqa: PLC0415
    from wirethread.articles.types.articles import RejectedArticle  # noqa: PLC0415

    read = read_document(record, place)
    if isinstance(read, RejectedArticle):
        raise SourceError(f"{place}: {read.reason}; `key` names the field of its text")
    return read.text
