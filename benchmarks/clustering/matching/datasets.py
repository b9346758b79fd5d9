"""The labelled set of reused passages as the compared systems take it, and its scorer.

Set and scorer are not part of this project; their folder is given on the command line. It holds
`reuse_dev_articles.jsonl.gz` (`id`, `outlet`, `text`, `published_at`, `agency` of wire articles),
`reuse_dev_gold.jsonl.gz` (spans in host and source with a level) and, if it has one,
`score_reuse.py`.
"""

import gzip
import importlib.util
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.measures.passage_scores import ReuseCase, ReusePrediction, score_passages

__all__ = ["ReuseSet", "load_reuse_set", "load_scorer", "read_rows", "split_paragraphs"]

Row = dict[str, Any]
Scorer = Callable[..., Row]

MIN_WORDS = 4
"""Shorter paragraphs are not given to any system that works on paragraphs; ours skips them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseSet:
    """The labelled articles: the file itself, and a plain form for systems that are not ours."""

    source: Path
    gold_source: Path
    gold: Sequence[Row]
    articles: Sequence[Row]
    """`id`, `text`, `wire` (0 or 1), `day` (days since 1970, with fraction)."""
    paragraphs: Sequence[Row]
    """`article` (place in `articles`), `begin`, `end`, `text`."""


def load_reuse_set(folder: Path, name: str = "reuse_dev") -> ReuseSet:
    """Read articles and labels of a set."""
    source = folder / f"{name}_articles.jsonl.gz"
    articles = [
        {
            "id": row["id"],
            "text": row["text"],
            "wire": int(bool(row["agency"])),
            "day": read_day(row["published_at"]),
        }
        for row in read_rows(source)
    ]
    paragraphs = [
        {"article": number, "begin": begin, "end": end, "text": article["text"][begin:end]}
        for number, article in enumerate(articles)
        for begin, end in split_paragraphs(article["text"])
    ]
    gold_source = folder / f"{name}_gold.jsonl.gz"
    return ReuseSet(
        source=source,
        gold_source=gold_source,
        gold=read_rows(gold_source),
        articles=articles,
        paragraphs=paragraphs,
    )


def read_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_day(text: str) -> float:
    """Return a time as days since 1970."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 86400


def split_paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the spans between blank lines that have at least `MIN_WORDS` words."""
    spans = []
    for found in re.finditer(r"\S.*?(?=\s*\n\s*\n|\s*\Z)", text, flags=re.DOTALL):
        if len(found.group().split()) >= MIN_WORDS:
            spans.append(found.span())
    return spans


def load_scorer(path: Path | None) -> tuple[str, Scorer]:
    """Return the name of the scorer and the scorer: the stand-alone one, or this project's."""
    if path is not None and path.is_file():
        spec = importlib.util.spec_from_file_location("score_reuse", path)
        if spec is None or spec.loader is None:
            raise ValueError(f"{path} is not a Python module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return path.name, module.score
    return "wirethread.clustering.measures.passage_scores", score_here


def score_here(gold: Sequence[Row], predictions: Sequence[Row]) -> Row:
    """Score as the stand-alone scorer does, those figures of it that are compared."""
    cases = [
        ReuseCase(level=label["level"], **read_spans(label))
        for label in gold
        if label.get("source_id") is not None and label.get("level") is not None
    ]
    clean = {ArticleId(one["host_id"]): one["kind"] for one in gold if one.get("level") == "none"}
    hosts = [ArticleId(one["host_id"]) for one in gold]
    found = [ReusePrediction(**read_spans(one)) for one in predictions]
    scores = score_passages(cases, clean, found, hosts)
    return {
        "plagdet": scores.plagdet,
        "precision": scores.precision,
        "recall": scores.recall,
        "granularity": scores.granularity,
        "by_level": {name: {"recall": one} for name, one in scores.recall_by_level.items()},
        "near_miss": {
            "passages": scores.n_near_misses,
            "false_positives": scores.n_near_misses_reported,
        },
        "clean_hosts": {"hosts": scores.n_clean, "with_predictions": scores.n_clean_reported},
        "predictions": scores.n_predictions,
    }


def read_spans(row: Row) -> Row:
    return {
        "host_id": ArticleId(row["host_id"]),
        "donor_id": ArticleId(row["source_id"]),
        "host": (row["host_begin"], row["host_end"]),
        "donor": (row["source_begin"], row["source_end"]),
    }
