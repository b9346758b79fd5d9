"""Quality for the gate: on the shipped sample, and on labelled files where they are."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from wirethread.articles.types.articles import ArticleId, CreditRole, ParsedArticle
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.passages import (
    PassageEvaluation,
    encode_paragraphs,
    evaluate_passages,
)
from wirethread.flows.evaluation.stories import evaluate_stories, parse_source, read_rows
from wirethread.flows.settings.config import Settings

__all__ = ["measure_labelled", "measure_sample"]

Row = Mapping[str, Any]
Measures = tuple[dict[str, float], dict[str, str]]

_PARAGRAPH = re.compile(r"(?:(?!\n\s*\n).)+", re.DOTALL)


def measure_sample() -> Measures:
    """Score stories, passages and credits of the invented articles that ship with the program."""
    folder = Path(str(resources.files("wirethread") / "sample"))
    source, truth_file = folder / "articles.jsonl", folder / "truth.json"
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    rows = {row["id"]: row for row in read_rows(source)}
    settings, encoder = Settings(), load_encoder("default")
    with tempfile.TemporaryDirectory() as temporary:
        labelled = write_lines(Path(temporary, "stories.jsonl"), label_stories(rows, truth))
        stories = evaluate_stories(labelled, encoder, settings).scores
    parsed, _ = parse_source(source)
    measured = {
        "quality.sample.stories_bcubed_precision": stories.bcubed.precision,
        "quality.sample.stories_bcubed_f1": stories.bcubed.f1,
        **score_sample_passages(parsed, rows, truth, encoder),
        **score_sample_credits(parsed, truth),
    }
    return measured, {"sample": hash_files([source, truth_file])}


def score_sample_passages(
    parsed: Sequence[ParsedArticle], rows: Mapping[str, Row], truth: Row, encoder: Encoder
) -> dict[str, float]:
    """Return the share of copied paragraphs that is found, by level, and near misses reported."""
    texts = [to_article_text(one) for one in parsed]
    matches = match_passages(
        texts,
        encode_paragraphs(texts, encoder),
        np.ones(len(texts), dtype=bool),
        Settings().matching,
        read_tokens=encoder.encode_tokens,
    )
    name_of = {one.article.article_id: str(one.article.source_id) for one in parsed}
    spans = {
        name: [(one.start(), one.end()) for one in _PARAGRAPH.finditer(row["text"])]
        for name, row in rows.items()
    }

    def list_places(article_id: ArticleId, begin: int, end: int) -> list[tuple[str, int]]:
        name = name_of[article_id]
        return [
            (name, number)
            for number, (first, last) in enumerate(spans[name])
            if min(end, last) - max(begin, first) >= 0.5 * min(end - begin, last - first)
        ]

    found = {
        frozenset((left, right))
        for match in matches
        if match.is_match
        for left in list_places(match.left_article_id, match.left_begin, match.left_end)
        for right in list_places(match.right_article_id, match.right_begin, match.right_end)
    }

    def pair(row: Row, one: str, other: str) -> frozenset[tuple[str, int]]:
        return frozenset((row[f"{side}_id"], row[f"{side}_paragraph"]) for side in (one, other))

    levels: dict[str, list[bool]] = {}
    for row in truth["passages"]:
        levels.setdefault(row["level"], []).append(pair(row, "host", "source") in found)
    near = [pair(row, "left", "right") in found for row in truth["near_misses"]]
    return {
        "quality.sample.near_misses_reported": float(sum(near)),
        **{
            f"quality.sample.{level}_recall": sum(hits) / len(hits)
            for level, hits in sorted(levels.items())
        },
    }


def score_sample_credits(parsed: Sequence[ParsedArticle], truth: Row) -> dict[str, float]:
    """Return precision and recall of (article, agency, role); optional ones count for neither.

    The labels name agencies, as `wire_credits` does: republishers' lines and credits that name
    nobody are no labels and count for neither.
    """
    found = {
        (str(entry.article.source_id), credit.agency, credit.role.value)
        for entry in parsed
        for credit in entry.credits
        if credit.agency and credit.role in (CreditRole.SOURCE, CreditRole.CONTRIBUTOR)
    }
    labelled = {(row["id"], row["agency"], row["role"]) for row in truth["credits"]}
    needed = {
        (row["id"], row["agency"], row["role"])
        for row in truth["credits"]
        if not row.get("optional")
    }
    return {
        "quality.sample.credits_precision": len(found & labelled) / max(len(found), 1),
        "quality.sample.credits_recall": len(found & needed) / max(len(needed), 1),
    }


def measure_labelled(folder: Path) -> Measures:
    """Score the labelled files of a folder; passages on words only, which needs no vectors."""
    measured: dict[str, float] = {}
    corpora: dict[str, str] = {}
    settings, encoder = Settings(), load_encoder("default")
    for path in sorted(folder.glob("stories_*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        scores = evaluate_stories(path, encoder, settings).scores
        measured[f"quality.{name}.bcubed_f1"] = scores.bcubed.f1
        corpora[name] = hash_files([path])
    articles, gold = (folder / f"reuse_dev_{one}.jsonl.gz" for one in ("articles", "gold"))
    if articles.is_file() and gold.is_file():
        found = evaluate_passages(articles, gold, None, settings)
        measured |= passage_measures("reuse_dev_words_only", found)
        corpora["reuse_dev"] = hash_files([articles, gold])
    return measured, corpora


def passage_measures(name: str, found: PassageEvaluation) -> dict[str, float]:
    """Return what the gate looks at of an evaluation of passages."""
    scores = found.scores
    measured = {
        f"quality.{name}.passages_precision": scores.precision,
        f"quality.{name}.passages_recall": scores.recall,
        f"quality.{name}.near_misses_reported": float(scores.n_near_misses_reported),
        f"quality.{name}.clean_articles_reported": float(scores.n_clean_reported),
        **{
            f"quality.{name}.{level}_recall": value
            for level, value in scores.recall_by_level.items()
        },
    }
    if found.credits is not None:
        measured[f"quality.{name}.credits_precision"] = found.credits.precision
        measured[f"quality.{name}.credits_recall"] = found.credits.recall
    return measured


def label_stories(rows: Mapping[str, Row], truth: Row) -> Iterator[Row]:
    """Yield the sample's articles with their stories, those in other languages left out."""
    story_of = {one: story for story, members in truth["stories"].items() for one in members}
    for name, row in rows.items():
        if name not in truth["other_languages"]:
            yield {**row, "story": story_of.get(name, name)}


def write_lines(path: Path, rows: Iterable[Row]) -> Path:
    """Write records as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def hash_files(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of some files, one after another."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
