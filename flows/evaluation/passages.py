"""Score passage matching and wire credits on labelled articles, without touching any catalog."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.errors import SourceError
from wirethread.articles.types.articles import ArticleId, CreditRole, ParagraphKind, ParsedArticle
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.measures.passage_scores import (
    PassageScores,
    ReuseCase,
    ReusePrediction,
    predict_reuse,
    score_passages,
)
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.embedding.encoder import Encoder
from wirethread.flows.evaluation.stories import parse_source, read_rows
from wirethread.flows.runs.progress import ProgressCounter, report_progress
from wirethread.flows.settings.config import Settings
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["CreditScores", "PassageEvaluation", "evaluate_passages", "write_predictions"]

MIN_WORDS = 5
"""As in the catalog: a shorter paragraph gets no vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditScores:
    """Labelled credits against those found in the labelled articles."""

    n_labelled: int
    n_found: int
    n_right: int

    @property
    def precision(self) -> float:
        """Share of the found credits that are labelled."""
        return self.n_right / self.n_found if self.n_found else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled credits that were found."""
        return self.n_right / self.n_labelled if self.n_labelled else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageEvaluation:
    """How well copy and credits of a labelled set were found. Predictions use source ids."""

    scores: PassageScores
    credits: CreditScores | None
    """None where the labels hold no credits."""
    n_articles: int
    n_rejected: int
    predictions: Sequence[ReusePrediction]


def evaluate_passages(
    articles: Path, gold: Path, encoder: Encoder | None, settings: Settings
) -> PassageEvaluation:
    """Match all articles and compare with the labelled passages and credits.

    The files are JSON Lines: articles with `id`; labels with `host_id`, `source_id`, offsets and
    `level` (a passage, or `near_miss`), `level: none` for an article without copy, or `credit`
    with its offsets. Without an encoder only words are compared. Raises `SourceError` naming the
    line where a label lacks what it needs.
    """
    parsed, rejected = parse_source(articles)
    labels = list(read_rows(gold))
    texts = [to_article_text(one) for one in parsed]
    vectors = encode_paragraphs(texts, encoder) if encoder is not None else None
    report_progress("match", 0)
    matches = match_passages(
        texts,
        vectors,
        np.ones(len(texts), dtype=bool),
        settings.matching,
        read_tokens=encoder.encode_tokens if encoder is not None else None,
    )
    names = {one.article.article_id: ArticleId(str(one.article.source_id)) for one in parsed}
    predictions = [
        ReusePrediction(
            host_id=names[entry.host_id],
            donor_id=names[entry.donor_id],
            host=entry.host,
            donor=entry.donor,
            score=entry.score,
        )
        for entry in predict_reuse(matches, texts)
    ]
    cases, clean = read_cases(gold, labels)
    if not cases:
        raise SourceError(f"{gold}: no line labels a passage")
    hosts = {ArticleId(str(row["host_id"])) for row in labels if row.get("host_id") is not None}
    return PassageEvaluation(
        scores=score_passages(cases, clean, predictions, hosts),
        credits=score_credits(parsed, labels),
        n_articles=len(parsed) + len(rejected),
        n_rejected=len(rejected),
        predictions=predictions,
    )


def encode_paragraphs(texts: Sequence[ArticleText], encoder: Encoder) -> VectorTable:
    """Return the vectors of all body paragraphs, each distinct text encoded once."""
    wanted = {
        paragraph.text_hash: paragraph.text
        for text in texts
        for paragraph in text.paragraphs
        if paragraph.kind is ParagraphKind.BODY and len(paragraph.text.split()) >= MIN_WORDS
    }
    hashes = np.array(sorted(wanted), dtype=np.int64)
    progress = ProgressCounter("embed", 0, len(wanted))
    vectors = encoder.encode([wanted[one] for one in sorted(wanted)], on_progress=progress.add)
    return VectorTable(hashes=hashes, vectors=vectors)


def read_cases(
    gold: Path, labels: Iterable[Mapping[str, Any]]
) -> tuple[list[ReuseCase], dict[ArticleId, str]]:
    """Return the labelled passages, and the kind of every article without copy."""
    cases: list[ReuseCase] = []
    clean: dict[ArticleId, str] = {}
    for number, row in enumerate(labels, 1):
        level = row.get("level")
        try:
            if level == "none":
                clean[ArticleId(str(row["host_id"]))] = str(row.get("kind") or "clean")
            elif level is not None:
                cases.append(
                    ReuseCase(
                        host_id=ArticleId(str(row["host_id"])),
                        donor_id=ArticleId(str(row["source_id"])),
                        host=(int(row["host_begin"]), int(row["host_end"])),
                        donor=(int(row["source_begin"]), int(row["source_end"])),
                        level=str(level),
                    )
                )
        except KeyError as error:
            raise SourceError(f"{gold}: label {number} has no {error.args[0]}") from None
        except (TypeError, ValueError):
            raise SourceError(f"{gold}: label {number} has an offset that is no number") from None
    return cases, clean


def score_credits(
    parsed: Sequence[ParsedArticle], labels: Iterable[Mapping[str, Any]]
) -> CreditScores | None:
    """Compare labelled credits with those found in the same articles in the same roles.

    One is found where agency and role are right and the words overlap.
    """
    wanted = [
        (
            str(row["host_id"]),
            find_agency(str(row["credit"])) or str(row["credit"]),
            str(row.get("role", CreditRole.CONTRIBUTOR)),
            int(row["begin"]),
            int(row["end"]),
        )
        for row in labels
        if row.get("credit") is not None
    ]
    if not wanted:
        return None
    hosts = {one[0] for one in wanted}
    roles = {one[2] for one in wanted}
    found = [
        (str(entry.article.source_id), credit.agency, credit.role.value, credit.begin, credit.end)
        for entry in parsed
        if entry.article.source_id in hosts
        for credit in entry.credits
        if credit.role.value in roles and credit.begin >= 0
    ]

    def agree(one: tuple[str, str, str, int, int], other: tuple[str, str, str, int, int]) -> bool:
        return one[:3] == other[:3] and one[3] < other[4] and other[3] < one[4]

    return CreditScores(
        n_labelled=len(wanted),
        n_found=len(found),
        n_right=sum(any(agree(one, other) for other in found) for one in wanted),
    )


def write_predictions(path: Path, predictions: Iterable[ReusePrediction]) -> None:
    """Write predictions as JSON Lines, for another scorer."""
    lines = [
        json.dumps(
            {
                "host_id": prediction.host_id,
                "source_id": prediction.donor_id,
                "host_begin": prediction.host[0],
                "host_end": prediction.host[1],
                "source_begin": prediction.donor[0],
                "source_end": prediction.donor[1],
            }
        )
        for prediction in predictions
    ]
    write_small_file(path, "".join(f"{line}\n" for line in lines), is_lasting=False)
