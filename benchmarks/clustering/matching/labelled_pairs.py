"""Candidate pairs of labelled articles with their measurements, as the model is fitted to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from benchmarks.clustering.matching.shorter import LABEL_KEYS
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.candidates.search import find_candidates
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.boilerplate import drop_repeated_words, find_repeated_words
from wirethread.clustering.matching.evidence import FEATURES, PairEvidence, measure_pairs
from wirethread.clustering.matching.evidence_pairs import group_by_articles, is_known_earlier
from wirethread.clustering.matching.pair_scores import EDITED_RUNS, HOPELESS
from wirethread.clustering.matching.passage_model import load_passage_model
from wirethread.clustering.matching.soft_alignment import SOFT_FEATURES, SoftAligner, make_aligner
from wirethread.clustering.outlets import number_publishers
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import ArticleText, TokenReader, VectorTable
from wirethread.flows.evaluation.stories import parse_source

__all__ = ["LEVELS", "LabelledPairs", "collect_background", "collect_pairs", "load_texts"]

LEVELS = ("verbatim", "light", "heavy", "paraphrase")
NEAR_MISS = "near_miss"
UNRELATED_WORDS = 8
_BACKGROUND_DAYS = 8.0
_LONG_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Paragraph pairs (of a host, of an earlier wire article); arrays have one row a pair."""

    article_pairs: npt.NDArray[np.int64]
    paragraph_pairs: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    """float64[n, len(FEATURES)]."""
    levels: npt.NDArray[np.str_]
    """One of `LEVELS`, `near_miss`, or empty for a pair that is no copy."""
    groups: npt.NDArray[np.int64]
    """Articles that share a donor are one group: they are held out together."""
    weights: npt.NDArray[np.float64]
    soft: npt.NDArray[np.float64]
    """float64[n, len(SOFT_FEATURES)]; nan where the words were not aligned softly."""

    @property
    def is_copy(self) -> npt.NDArray[np.bool_]:
        """bool[n]."""
        return np.isin(self.levels, LEVELS)

    def choose(self, rows: npt.NDArray[np.bool_]) -> Self:
        """Return the marked pairs."""
        return type(self)(
            self.article_pairs[rows],
            self.paragraph_pairs[rows],
            self.values[rows],
            self.levels[rows],
            self.groups[rows],
            self.weights[rows],
            self.soft[rows],
        )

    def leave_forms_out(self) -> Self:
        """Return the pairs that the model decides on.

        A frame with other facts in its slots is no copy by rule, and so are look-alikes, which the
        sets hold far more often than news does.
        """
        changed = self.values[:, FEATURES.index("slots_changed")] > 0
        return self.choose(~changed & (self.levels != NEAR_MISS))

    def weigh(self, weight: float) -> Self:
        """Return the pairs with another weight each."""
        return replace(self, weights=np.full(len(self.levels), weight))

    @classmethod
    def join(cls, parts: Sequence["LabelledPairs"]) -> "LabelledPairs":
        """Put pairs of several sets into one."""
        apart = [
            (
                pairs.article_pairs + place * 10**9,
                pairs.paragraph_pairs + place * 10**9,
                pairs.groups + place * 10**9,
            )
            for place, pairs in enumerate(parts)
        ]
        return cls(
            np.concatenate([one[0] for one in apart]),
            np.concatenate([one[1] for one in apart]),
            np.concatenate([one.values for one in parts]),
            np.concatenate([one.levels for one in parts]),
            np.concatenate([one[2] for one in apart]),
            np.concatenate([one.weights for one in parts]),
            np.concatenate([one.soft for one in parts]),
        )


def load_texts(path: Path) -> list[ArticleText]:
    """Return the articles of a source as matching sees them, under the ids that labels use."""
    parsed, _ = parse_source(path)
    return [
        replace(text, article_id=ArticleId(entry.article.source_id or text.article_id))
        for entry in parsed
        for text in [to_article_text(entry)]
    ]


def collect_pairs(
    articles: Sequence[ArticleText],
    gold: Iterable[Mapping[str, Any]],
    vectors: VectorTable | None,
    read_tokens: TokenReader | None,
) -> LabelledPairs:
    """Return the candidate pairs of a labelled host and an earlier wire article."""
    gold = list(gold)
    index = {article.article_id: i for i, article in enumerate(articles)}
    hosts = {index[row["host_id"]] for row in gold}

    def is_wanted(table: ParagraphTable, host: int, donor: int) -> bool:
        h, d = articles[host], articles[donor]
        is_of_another = d.agency not in (None, h.agency)
        return host in hosts and is_of_another and is_known_earlier(d, h)

    table, found = _measure(articles, vectors, read_tokens, is_wanted)
    levels = _label_paragraphs(table, index, gold)
    groups = _group_articles(len(articles), index, gold)
    return LabelledPairs(
        found.article_pairs,
        found.paragraph_pairs,
        found.values,
        np.array([levels.get((p, q), "") for p, q in found.paragraph_pairs.tolist()]),
        np.array([groups[host] for host, _ in found.article_pairs.tolist()], dtype=np.int64),
        found.weights,
        found.soft,
    )


def collect_background(
    articles: Sequence[ArticleText],
    vectors: VectorTable | None,
    read_tokens: TokenReader | None,
    labelled: Sequence[ArticleText],
) -> LabelledPairs:
    """Return pairs of unlabelled articles that are most likely no copy.

    An agency's article and a later one of another outlet, which does not credit the agency and
    shares no eight words with it. Articles that have a paragraph in common with a labelled one are
    left out.
    """
    known = {
        paragraph.text_hash
        for article in labelled
        for paragraph in article.paragraphs
        if len(paragraph.text) > _LONG_CHARACTERS
    }

    def is_wanted(table: ParagraphTable, host: int, donor: int) -> bool:
        h, d = articles[host], articles[donor]
        if h.agency or not d.agency or d.agency in h.credited_agencies or h.outlet == d.outlet:
            return False
        if not 0 < table.days[host] - table.days[donor] <= _BACKGROUND_DAYS:
            return False
        return not any(paragraph.text_hash in known for paragraph in h.paragraphs)

    return _measure(articles, vectors, read_tokens, is_wanted, longest_run=UNRELATED_WORDS - 1)[1]


def _measure(
    articles: Sequence[ArticleText],
    vectors: VectorTable | None,
    read_tokens: TokenReader | None,
    is_wanted: Any,
    longest_run: int | None = None,
) -> tuple[ParagraphTable, LabelledPairs]:
    settings = MatchSettings()
    table = build_paragraph_table(articles, vectors, min_words=settings.min_words)
    publishers = number_publishers(articles)
    repeated = find_repeated_words(
        table, publishers, min_days=settings.boilerplate_days, window_days=settings.window_days
    )
    table = drop_repeated_words(table, repeated)
    left, right = find_candidates(table, np.ones(len(articles), dtype=bool), publishers, settings)
    cache = ProfileCache(table)
    article_pairs: list[tuple[int, int]] = []
    paragraph_pairs: list[tuple[int, int]] = []
    values: list[npt.NDArray[np.float64]] = []
    soft: list[npt.NDArray[np.float64]] = []
    aligner = make_aligner(table, read_tokens)
    for host, donor, pairs in group_by_articles(table, left, right):
        if not is_wanted(table, host, donor):
            continue
        measured = measure_pairs(cache, host, donor, pairs)
        if longest_run is not None and any(
            block.n_words > longest_run for one in measured for block in one.alignment.blocks
        ):
            continue
        article_pairs += [(host, donor)] * len(measured)
        paragraph_pairs += [(one.host, one.donor) for one in measured]
        values += [one.values for one in measured]
        soft.append(_align_softly(aligner, host, donor, measured))
    return table, LabelledPairs(
        np.array(article_pairs, dtype=np.int64).reshape(-1, 2),
        np.array(paragraph_pairs, dtype=np.int64).reshape(-1, 2),
        np.array(values).reshape(-1, len(FEATURES)),
        np.full(len(values), "", dtype="<U10"),
        np.zeros(len(values), dtype=np.int64),
        np.ones(len(values)),
        np.concatenate([np.empty((0, len(SOFT_FEATURES))), *soft]),
    )


def _align_softly(
    aligner: SoftAligner | None, host: int, donor: int, measured: Sequence[PairEvidence]
) -> npt.NDArray[np.float64]:
    """Align what shares few runs and is not hopeless to the model that ships; nan for the rest."""
    found = np.full((len(measured), len(SOFT_FEATURES)), np.nan)
    if aligner is None or not measured:
        return found
    local = load_passage_model(with_vectors=True).score_local(
        np.stack([evidence.values for evidence in measured])
    )
    rows = [
        row
        for row, evidence in enumerate(measured)
        if local[row] > HOPELESS and evidence.value("runs_3") < EDITED_RUNS
    ]
    found[rows] = aligner.measure(
        host, donor, [(measured[row].host, measured[row].donor) for row in rows]
    )
    return found


def _label_paragraphs(
    table: ParagraphTable, index: Mapping[ArticleId, int], gold: Sequence[Mapping[str, Any]]
) -> dict[tuple[int, int], str]:
    levels: dict[tuple[int, int], str] = {}
    for row in gold:
        if row.get("level") in (*LEVELS, NEAR_MISS):
            sides = []
            for key in (LABEL_KEYS["host"], LABEL_KEYS["donor"]):
                article = index[row[f"{key}_id"]]
                inside = range(table.article_starts[article], table.article_starts[article + 1])
                sides.append(
                    [
                        i
                        for i in inside
                        if table.begins[i] < row[f"{key}_end"]
                        and table.ends[i] > row[f"{key}_begin"]
                    ]
                )
            levels.update({(p, q): row["level"] for p in sides[0] for q in sides[1]})
    return levels


def _group_articles(
    n: int, index: Mapping[ArticleId, int], gold: Sequence[Mapping[str, Any]]
) -> list[int]:
    parent = list(range(n))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    for row in gold:
        donor = row.get("source_id") or row.get("event_source_id")
        if donor in index:
            parent[find(index[row["host_id"]])] = find(index[donor])
    return [find(i) for i in range(n)]
