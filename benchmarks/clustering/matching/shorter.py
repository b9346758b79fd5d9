"""Labelled articles at other lengths, so that a model doesn't learn one length of rewording.

The labelled rewordings are about as long as what they reword, and newsrooms aren't so true: they
keep one sentence of three, or tell one in four. Made by rule from the labelled articles themselves,
with a fixed seed: of each body paragraph of two sentences or more one run of sentences is kept, of
a single long one what stands before a comma. Copied paragraphs and others are shortened alike, so
that length by itself tells nothing. Of the hosts that gives compressed copies; of the donors,
copies that tell more than there was.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import ArticleId, Paragraph, ParagraphKind
from wirethread.clustering.types import ArticleText

__all__ = ["LABEL_KEYS", "shorten_side"]

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’']*\s+(?=[\"“‘']?[A-Z])")
_LONG_WORDS = 16
_IDS = ("host_id", "source_id", "event_source_id")
LABEL_KEYS = {"host": "host", "donor": "source"}
"""By side: how its keys in files of labels begin."""


def shorten_side(
    articles: Sequence[ArticleText],
    gold: Iterable[Mapping[str, Any]],
    side: Literal["host", "donor"],
    *,
    seed: int = 7,
) -> tuple[list[ArticleText], list[dict[str, Any]]]:
    """Return the labelled articles with one side shortened, under new ids, and their labels."""
    key = LABEL_KEYS[side]
    random = np.random.default_rng(seed)
    by_id = {str(article.article_id): article for article in articles}
    rows = [dict(row) for row in gold if row.get("credit") is None]
    names = ("host_id",) if side == "host" else ("source_id", "event_source_id")
    wanted = sorted({row[name] for row in rows for name in names if row.get(name)})
    shorter = {one: _shorten(by_id[one], f"~{side}", random) for one in wanted}
    others = {row[name] for row in rows for name in _IDS if row.get(name)} - set(shorter)
    for row in rows:
        if row.get("level") != "none":
            one = row[f"{key}_id"]
            row[f"{key}_begin"], row[f"{key}_end"] = _move_span(
                by_id[one], shorter[one], row[f"{key}_begin"], row[f"{key}_end"]
            )
        row |= {name: f"{row[name]}~{side}" for name in _IDS if row.get(name)}
    kept = [replace(by_id[one], article_id=ArticleId(f"{one}~{side}")) for one in sorted(others)]
    return [*shorter.values(), *kept], rows


def _shorten(article: ArticleText, mark: str, random: np.random.Generator) -> ArticleText:
    paragraphs: list[Paragraph] = []
    at = 0
    for paragraph in article.paragraphs:
        text = (
            _shorten_text(paragraph.text, random)
            if paragraph.kind is ParagraphKind.BODY
            else paragraph.text
        )
        paragraphs.append(
            replace(paragraph, text=text, begin=at, end=at + len(text), text_hash=hash_text(text))
        )
        at += len(text) + 2
    return replace(
        article, article_id=ArticleId(f"{article.article_id}{mark}"), paragraphs=paragraphs
    )


def _shorten_text(text: str, random: np.random.Generator) -> str:
    sentences = _SENTENCE.split(text)
    if len(sentences) > 1:
        n_kept = int(random.integers(1, len(sentences)))
        first = int(random.integers(0, len(sentences) - n_kept + 1))
        return " ".join(sentences[first : first + n_kept])
    commas = [
        found.start()
        for found in re.finditer(",", text)
        if len(text[: found.start()].split()) >= _LONG_WORDS // 2
    ]
    if len(text.split()) < _LONG_WORDS or not commas:
        return text
    return text[: commas[int(random.integers(len(commas)))]] + "."


def _move_span(old: ArticleText, new: ArticleText, begin: int, end: int) -> tuple[int, int]:
    inside = [
        after
        for before, after in zip(old.paragraphs, new.paragraphs, strict=True)
        if before.begin < end and before.end > begin
    ]
    return min(one.begin for one in inside), max(one.end for one in inside)
