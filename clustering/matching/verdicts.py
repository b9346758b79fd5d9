"""Verdicts on the paragraph pairs of two articles: each word copied once, spans cut."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import PassageMatch, Relation
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.evidence import PairEvidence
from wirethread.clustering.matching.pair_scores import WeighedPair, weigh_pairs
from wirethread.clustering.matching.passage_model import PassageModel
from wirethread.clustering.matching.reasons import explain_verdict
from wirethread.clustering.paragraphs.alignment import Alignment, align_words
from wirethread.clustering.paragraphs.profiles import ProfileCache

__all__ = ["judge_articles", "judge_weighed", "threshold_of"]

_TRIM_WORDS = 40
"""An end of a paragraph with no shared words is left out of the span from this length on, words."""
_TRIM_SHARE = 0.5
"""It must also be this share of the paragraph: who drops the last sentence copied the paragraph."""
_NEW_WORDS = 5
"""A further pair of a matched paragraph must explain this many words more."""


@dataclass(slots=True)
class _Case:
    """A run of host paragraphs and a run of source paragraphs that are one piece of copy."""

    host: tuple[int, int]
    source: tuple[int, int]
    strongest: WeighedPair
    score: float
    relation: Relation


def threshold_of(relation: Relation, settings: MatchSettings) -> float:
    """The score from which a verdict of this relation is a match; a quotation never is."""
    return {
        Relation.VERBATIM: settings.min_score_verbatim,
        Relation.EDITED: settings.min_score_edited,
        Relation.PARAPHRASE: settings.min_score_paraphrase,
        Relation.QUOTATION: math.inf,
    }[relation]


def judge_articles(
    cache: ProfileCache,
    model: PassageModel,
    articles: tuple[int, int],
    evidences: Sequence[PairEvidence],
    settings: MatchSettings,
) -> list[PassageMatch]:
    """Verdicts on the measured pairs of two articles that reach `settings.keep_score`.

    `articles` are the indices of host and source.
    """
    return judge_weighed(cache, weigh_pairs(cache, model, articles, evidences), settings)


def judge_weighed(
    cache: ProfileCache, weighed: Sequence[WeighedPair], settings: MatchSettings
) -> list[PassageMatch]:
    """Verdicts on the pairs of two articles whose scores are known."""
    cases = [
        _Case(
            (pair.evidence.host,) * 2, (pair.evidence.source,) * 2, pair, pair.score, pair.relation
        )
        for pair in weighed
        if pair.score >= settings.keep_score
    ]
    accepted, rejected = _assign_words(cache, cases, settings)
    return [_to_match(cache, case, settings) for case in [*_join_neighbours(accepted), *rejected]]


def _assign_words(
    cache: ProfileCache, cases: Sequence[_Case], settings: MatchSettings
) -> tuple[list[_Case], list[_Case]]:
    """Best pair first; a later pair counts where it explains words that none before it did."""
    ranked = sorted(
        cases,
        key=lambda case: (
            -case.score * (1 + case.strongest.evidence.value("runs_3")),
            case.host,
            case.source,
        ),
    )
    taken_host: dict[int, set[int]] = {}
    taken_source: dict[int, set[int]] = {}
    accepted: list[_Case] = []
    rejected: list[_Case] = []
    for case in ranked:
        p, q = case.host[0], case.source[0]
        if case.score < threshold_of(case.relation, settings):
            rejected.append(case)
            continue
        on_host, on_source = _words_explained(case)
        before_host, before_source = taken_host.get(p), taken_source.get(q)
        is_first = before_host is None and before_source is None
        if is_first and len(cache.paragraph(p).coded) >= settings.min_copied_words:
            accepted.append(case)
        else:
            fresh = min(
                len(on_host - (before_host or set())), len(on_source - (before_source or set()))
            )
            if case.relation is Relation.PARAPHRASE or fresh < max(
                _NEW_WORDS if not is_first else settings.min_copied_words, len(on_host) / 2
            ):
                continue
            accepted.append(case)
        taken_host.setdefault(p, set()).update(on_host)
        taken_source.setdefault(q, set()).update(on_source)
    best_by_host: dict[int, _Case] = {}
    for case in rejected:
        if case.host[0] not in taken_host and case.source[0] not in taken_source:
            best_by_host.setdefault(case.host[0], case)
    return accepted, list(best_by_host.values())


def _words_explained(case: _Case) -> tuple[set[int], set[int]]:
    alignment = case.strongest.evidence.alignment
    if case.relation is Relation.PARAPHRASE:
        return set(range(alignment.n_left)), set(range(alignment.n_right))
    runs = [block for block in alignment.blocks if block.n_words >= 3] or alignment.blocks
    left = {i for block in runs for i in range(block.left, block.left + block.n_words)}
    right = {i for block in runs for i in range(block.right, block.right + block.n_words)}
    return left, right


def _join_neighbours(cases: Sequence[_Case]) -> list[_Case]:
    """Make one case of a paragraph that was split in two, or of two that were merged."""
    joined: list[_Case] = []
    alike: dict[tuple[str, tuple[int, int]], set[int]] = defaultdict(set)
    """The numbers of the cases with a run of the host, or of the source."""
    for case in sorted(cases, key=lambda case: (case.host, case.source)):
        near = alike["host", case.host] | alike["source", case.source]
        for number in sorted(near):
            other = joined[number]
            same_source = other.source == case.source and case.host[0] == other.host[1] + 1
            same_host = other.host == case.host and (
                case.source[0] == other.source[1] + 1 or case.source[1] == other.source[0] - 1
            )
            if same_source or same_host:
                best = max(other, case, key=lambda one: (one.score, -one.host[0]))
                alike["host", other.host].discard(number)
                alike["source", other.source].discard(number)
                other.host = min(other.host[0], case.host[0]), max(other.host[1], case.host[1])
                other.source = (
                    min(other.source[0], case.source[0]),
                    max(other.source[1], case.source[1]),
                )
                alike["host", other.host].add(number)
                alike["source", other.source].add(number)
                other.strongest, other.score = best.strongest, best.score
                if other.relation is not case.relation:
                    other.relation = Relation.EDITED
                break
        else:
            alike["host", case.host].add(len(joined))
            alike["source", case.source].add(len(joined))
            joined.append(case)
    return joined


def _to_match(cache: ProfileCache, case: _Case, settings: MatchSettings) -> PassageMatch:
    table = cache.table
    host_words = slice(int(table.starts[case.host[0]]), int(table.starts[case.host[1] + 1]))
    source_words = slice(int(table.starts[case.source[0]]), int(table.starts[case.source[1] + 1]))
    alignment = case.strongest.evidence.alignment
    if case.host[0] != case.host[1] or case.source[0] != case.source[1]:
        alignment = align_words(
            "".join(cache.paragraph(i).coded for i in range(case.host[0], case.host[1] + 1)),
            "".join(cache.paragraph(i).coded for i in range(case.source[0], case.source[1] + 1)),
        )
    trims = case.relation in (Relation.VERBATIM, Relation.EDITED)
    host_first, host_last = _cut_ends(alignment, "left", alignment.n_left, trims)
    source_first, source_last = _cut_ends(alignment, "right", alignment.n_right, trims)
    spans = []
    for words, first, last, n, paragraphs in (
        (host_words, host_first, host_last, alignment.n_left, case.host),
        (source_words, source_first, source_last, alignment.n_right, case.source),
    ):
        begin = (
            table.begins[paragraphs[0]] if first == 0 else table.word_begins[words.start + first]
        )
        end = table.ends[paragraphs[1]] if last == n - 1 else table.word_ends[words.start + last]
        spans.append((int(begin), int(end), alignment.n_matched / (last - first + 1)))
    host_article = table.articles[int(table.article_of[case.host[0]])]
    source_article = table.articles[int(table.article_of[case.source[0]])]
    left, right = (host_article, *spans[0]), (source_article, *spans[1])
    if left[0].article_id > right[0].article_id:
        left, right = right, left
    is_match = case.score >= threshold_of(case.relation, settings)
    return PassageMatch(
        left_article_id=left[0].article_id,
        right_article_id=right[0].article_id,
        left_begin=left[1],
        left_end=left[2],
        right_begin=right[1],
        right_end=right[2],
        relation=case.relation,
        score=round(case.score, 4),
        similarity=math.nan
        if table.vectors is None
        else round(case.strongest.evidence.value("cosine"), 4),
        containment_left=round(min(left[3], 1.0), 4),
        containment_right=round(min(right[3], 1.0), 4),
        is_match=is_match,
        reason=explain_verdict(
            cache, case.strongest.evidence, case.relation, case.strongest.quotation
        ),
    )


def _cut_ends(alignment: Alignment, side: str, n_words: int, trims: bool) -> tuple[int, int]:
    """First and last word of the span: all words, less long ends that share nothing."""
    runs = [block for block in alignment.blocks if block.n_words >= 2]
    if not trims or not runs:
        return 0, n_words - 1
    first = min(getattr(block, side) for block in runs)
    last = max(getattr(block, side) + block.n_words for block in runs) - 1
    least = max(_TRIM_WORDS, _TRIM_SHARE * n_words)
    return (
        first if first >= least else 0,
        last if n_words - 1 - last >= least else n_words - 1,
    )
