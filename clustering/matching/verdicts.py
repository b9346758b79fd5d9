"""Verdicts on the paragraph pairs of two articles: each word copied once, spans cut."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import PassageMatch, Relation
from wirethread.clustering.crowds.same_texts import SameTexts
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.evidence import measure_pairs
from wirethread.clustering.matching.pair_scores import (
    WeighedPair,
    may_be_agency_copy,
    weigh_pairs,
)
from wirethread.clustering.matching.passage_model import PassageModel
from wirethread.clustering.matching.quotations import find_excerpts
from wirethread.clustering.matching.reasons import explain_verdict
from wirethread.clustering.matching.soft_alignment import SoftAligner
from wirethread.clustering.paragraphs.alignment import Alignment, align_words
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["ArticleJudge", "judge_weighed", "threshold_of"]

_TRIM_WORDS = 40
"""An end of a paragraph with no shared words is left out of the span from this length on, words."""
_TRIM_SHARE = 0.5
"""It must also be this share of the paragraph: who drops the last sentence copied the paragraph."""
_NEW_WORDS = 5
"""A further pair of a matched paragraph must explain this many words more."""
_MOST_DECIDED = 1_000
"""Pairs of texts of which it is remembered what was decided."""


@dataclass(slots=True)
class _Case:
    """A run of host paragraphs and a run of donor paragraphs that are one piece of copy."""

    host: tuple[int, int]
    donor: tuple[int, int]
    strongest: WeighedPair
    score: float
    relation: Relation


@dataclass(frozen=True, slots=True)
class _Span:
    """A piece of copy in one of two articles."""

    first: int
    last: int
    """The paragraphs in which it begins and ends."""
    begin: int
    """From the beginning of the first paragraph."""
    end: int
    """From the beginning of the last one."""
    containment: float


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a `PassageMatch` tells, wherever in their articles the paragraphs stand."""

    host: _Span
    donor: _Span
    relation: Relation
    score: float
    similarity: float
    is_match: bool
    reason: str


def threshold_of(relation: Relation, settings: MatchSettings) -> float:
    """The score from which a verdict of this relation is a match; a quotation never is."""
    return {
        Relation.VERBATIM: settings.min_score_verbatim,
        Relation.EDITED: settings.min_score_edited,
        Relation.PARAPHRASE: settings.min_score_paraphrase,
        Relation.QUOTATION: math.inf,
    }[relation]


class ArticleJudge:
    """Judges two articles after two others.

    Where two articles hold the same texts as two before, what was decided of those holds for these,
    and only the places are told anew: one text in a thousand papers is measured a few times.
    """

    def __init__(
        self,
        cache: ProfileCache,
        model: PassageModel,
        settings: MatchSettings,
        aligner: SoftAligner | None = None,
    ) -> None:
        self._cache, self._model, self._settings = cache, model, settings
        self._aligner = aligner
        self._same_texts = SameTexts(cache)
        self._decided: dict[tuple[object, ...], tuple[int, int, list[_Verdict]]] = {}
        """With the first paragraphs of the two articles that were judged."""

    def judge(self, host: int, donor: int, pairs: Sequence[tuple[int, int]]) -> list[PassageMatch]:
        """Verdicts on paragraph pairs (of `host`, of `donor`) that reach `settings.keep_score`.

        Articles are given by index.
        """
        table = self._cache.table
        begin, other_begin = (int(table.article_starts[article]) for article in (host, donor))
        names = self._same_texts.name(host), self._same_texts.name(donor)
        if None in names:
            return [_place(table, verdict) for verdict in self._decide(host, donor, pairs)]
        agency = table.articles[donor].agency
        key = (
            *names,
            tuple((p - begin, q - other_begin) for p, q in pairs),
            agency is not None,
            agency in table.articles[host].credited_agencies,
            may_be_agency_copy(self._cache, host, donor),
            find_excerpts(self._cache, host, donor),
            find_excerpts(self._cache, donor, host),
        )
        if key not in self._decided:
            if len(self._decided) >= _MOST_DECIDED:
                self._decided.clear()
            self._decided[key] = begin, other_begin, self._decide(host, donor, pairs)
        first, other_first, verdicts = self._decided[key]
        return [
            _place(table, verdict, begin - first, other_begin - other_first) for verdict in verdicts
        ]

    def _decide(self, host: int, donor: int, pairs: Sequence[tuple[int, int]]) -> list[_Verdict]:
        evidences = measure_pairs(self._cache, host, donor, pairs)
        weighed = weigh_pairs(self._cache, self._model, (host, donor), evidences, self._aligner)
        return _decide(self._cache, weighed, self._settings)


def judge_weighed(
    cache: ProfileCache, weighed: Sequence[WeighedPair], settings: MatchSettings
) -> list[PassageMatch]:
    """Verdicts on the pairs of two articles whose scores are known."""
    return [_place(cache.table, verdict) for verdict in _decide(cache, weighed, settings)]


def _decide(
    cache: ProfileCache, weighed: Sequence[WeighedPair], settings: MatchSettings
) -> list[_Verdict]:
    cases = [
        _Case(
            (pair.evidence.host,) * 2, (pair.evidence.donor,) * 2, pair, pair.score, pair.relation
        )
        for pair in weighed
        if pair.score >= settings.keep_score
    ]
    accepted, rejected = _assign_words(cache, cases, settings)
    return [_tell(cache, case, settings) for case in [*_join_neighbours(accepted), *rejected]]


def _assign_words(
    cache: ProfileCache, cases: Sequence[_Case], settings: MatchSettings
) -> tuple[list[_Case], list[_Case]]:
    """Best pair first; a later pair counts where it explains words that none before it did."""
    ranked = sorted(
        cases,
        key=lambda case: (
            -case.score * (1 + case.strongest.evidence.value("runs_3")),
            case.host,
            case.donor,
        ),
    )
    taken_host: dict[int, set[int]] = {}
    taken_donor: dict[int, set[int]] = {}
    accepted: list[_Case] = []
    rejected: list[_Case] = []
    for case in ranked:
        p, q = case.host[0], case.donor[0]
        if case.score < threshold_of(case.relation, settings):
            rejected.append(case)
            continue
        on_host, on_donor = _words_explained(case)
        before_host, before_donor = taken_host.get(p), taken_donor.get(q)
        is_first = before_host is None and before_donor is None
        if is_first and len(cache.paragraph(p).coded) >= settings.min_copied_words:
            accepted.append(case)
        else:
            fresh = min(
                len(on_host - (before_host or set())), len(on_donor - (before_donor or set()))
            )
            if case.relation is Relation.PARAPHRASE or fresh < max(
                _NEW_WORDS if not is_first else settings.min_copied_words, len(on_host) / 2
            ):
                continue
            accepted.append(case)
        taken_host.setdefault(p, set()).update(on_host)
        taken_donor.setdefault(q, set()).update(on_donor)
    best_by_host: dict[int, _Case] = {}
    for case in rejected:
        if case.host[0] not in taken_host and case.donor[0] not in taken_donor:
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
    """The numbers of the cases with a run of the host, or of the donor."""
    for case in sorted(cases, key=lambda case: (case.host, case.donor)):
        near = alike["host", case.host] | alike["donor", case.donor]
        for number in sorted(near):
            other = joined[number]
            same_donor = other.donor == case.donor and case.host[0] == other.host[1] + 1
            same_host = other.host == case.host and (
                case.donor[0] == other.donor[1] + 1 or case.donor[1] == other.donor[0] - 1
            )
            if same_donor or same_host:
                best = max(other, case, key=lambda one: (one.score, -one.host[0]))
                alike["host", other.host].discard(number)
                alike["donor", other.donor].discard(number)
                other.host = min(other.host[0], case.host[0]), max(other.host[1], case.host[1])
                other.donor = (
                    min(other.donor[0], case.donor[0]),
                    max(other.donor[1], case.donor[1]),
                )
                alike["host", other.host].add(number)
                alike["donor", other.donor].add(number)
                other.strongest, other.score = best.strongest, best.score
                if other.relation is not case.relation:
                    other.relation = Relation.EDITED
                break
        else:
            alike["host", case.host].add(len(joined))
            alike["donor", case.donor].add(len(joined))
            joined.append(case)
    return joined


def _tell(cache: ProfileCache, case: _Case, settings: MatchSettings) -> _Verdict:
    table = cache.table
    alignment = case.strongest.evidence.alignment
    if case.host[0] != case.host[1] or case.donor[0] != case.donor[1]:
        alignment = align_words(
            "".join(cache.paragraph(i).coded for i in range(case.host[0], case.host[1] + 1)),
            "".join(cache.paragraph(i).coded for i in range(case.donor[0], case.donor[1] + 1)),
        )
    trims = case.relation in (Relation.VERBATIM, Relation.EDITED)
    host, donor = (
        _cut_span(table, alignment, side, paragraphs, trims=trims)
        for side, paragraphs in (("left", case.host), ("right", case.donor))
    )
    return _Verdict(
        host=host,
        donor=donor,
        relation=case.relation,
        score=round(case.score, 4),
        similarity=math.nan
        if table.vectors is None
        else round(case.strongest.evidence.value("cosine"), 4),
        is_match=case.score >= threshold_of(case.relation, settings),
        reason=explain_verdict(
            cache, case.strongest.evidence, case.relation, case.strongest.quotation
        ),
    )


def _cut_span(
    table: ParagraphTable,
    alignment: Alignment,
    side: str,
    paragraphs: tuple[int, int],
    *,
    trims: bool,
) -> _Span:
    n_words = alignment.n_left if side == "left" else alignment.n_right
    first, last = _cut_ends(alignment, side, n_words, trims)
    words = int(table.starts[paragraphs[0]])
    begin = table.begins[paragraphs[0]] if first == 0 else table.word_begins[words + first]
    end = table.ends[paragraphs[1]] if last == n_words - 1 else table.word_ends[words + last]
    return _Span(
        first=paragraphs[0],
        last=paragraphs[1],
        begin=int(begin - table.begins[paragraphs[0]]),
        end=int(end - table.begins[paragraphs[1]]),
        containment=round(min(alignment.n_matched / (last - first + 1), 1.0), 4),
    )


def _place(
    table: ParagraphTable, verdict: _Verdict, by_host: int = 0, by_donor: int = 0
) -> PassageMatch:
    """Return the verdict on the paragraphs that stand so many behind those that were judged."""
    sides = []
    for span, by in ((verdict.host, by_host), (verdict.donor, by_donor)):
        first, last = span.first + by, span.last + by
        article = table.articles[int(table.article_of[first])]
        begin, end = int(table.begins[first]) + span.begin, int(table.begins[last]) + span.end
        sides.append((article.article_id, begin, end, span.containment))
    left, right = sides
    if left[0] > right[0]:
        left, right = right, left
    return PassageMatch(
        left_article_id=left[0],
        right_article_id=right[0],
        left_begin=left[1],
        left_end=left[2],
        right_begin=right[1],
        right_end=right[2],
        relation=verdict.relation,
        score=verdict.score,
        similarity=verdict.similarity,
        containment_left=left[3],
        containment_right=right[3],
        is_match=verdict.is_match,
        reason=verdict.reason,
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
