"""Verdicts on the paragraph pairs of two articles: scored, each word copied once, spans cut."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from articles.types import PassageMatch, Relation
from clustering.alignment import Alignment, align_words
from clustering.evidence import PairEvidence, ProfileCache
from clustering.evidence_pairs import is_known_earlier
from clustering.match_settings import MatchSettings
from clustering.passage_model import PassageModel, measure_context
from clustering.quotations import discount_quotations, find_quotations
from clustering.reasons import explain_verdict

__all__ = ["judge_articles", "threshold_of"]

_HOPELESS = -4.0
"""Log-odds below which a pair is not looked at again: a probability under 2 %."""
_NO_AGENCY = {Relation.VERBATIM: 0.0, Relation.EDITED: 1.0, Relation.PARAPHRASE: 5.0}
"""Taken from the log-odds where neither article is an agency's own copy, or the agency's is later:
two newsrooms at one event word much alike, and the labelled articles have no such pairs."""
_UNBACKED = {Relation.VERBATIM: 0.0, Relation.EDITED: 1.0, Relation.PARAPHRASE: 1.0}
"""Taken from the log-odds where the agency is not credited and no anchor stands beside the pair:
newsrooms that report one event from the same statements word much of it alike."""
_ANCHOR = (13, 0.45)
"""What makes a pair an anchor: shared words outside quotation marks in runs of three or more, and
the share of the shorter side in shared runs of five words or more."""
_AGENCY_ANCHOR = (8, 0.15)
"""The same where one article is an agency's own copy and not later."""
_BESIDE = 2
"""An anchor that backs a quotation is at most so many paragraphs away on either side."""
_EDITED_RUNS = 0.25
"""Share of the shorter paragraph in shared runs of three words from which a match is `edited`."""
_ALONE_WORDS = 12
"""A match with no other match beside it needs this many shared words: formulas such as `declined to
comment` have fewer."""
_TOO_SHORT = 0.45
"""The most such a short match scores."""
_TEMPLATE_FIGURES = 3
"""Figures of the host that its source lacks from which a pair can be a form filled in twice."""
_OTHER_FACTS = 0.3
"""The most that a sentence with other figures in the same form scores, however much it repeats."""
_SURE = 0.9
"""The least that a match decided by alignment alone scores."""
_LONG_RUNS = 0.7
_LONG_WORDS = 20
_VERBATIM = 0.96
"""Share of words in common order from which a match is `verbatim`."""
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
    evidence: PairEvidence
    """Of the strongest pair in the case."""
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
    values = np.stack([evidence.values for evidence in evidences])
    local = model.score_local(values)
    promising = np.flatnonzero(local > _HOPELESS)
    if not len(promising):
        return []
    chosen = [evidences[i] for i in promising.tolist()]
    is_agency_copy = _may_be_agency_copy(cache, *articles)
    is_quotation = find_quotations(cache, chosen, is_agency_copy=is_agency_copy)
    context = measure_context(
        [evidence.host for evidence in chosen],
        [evidence.source for evidence in chosen],
        discount_quotations(values[promising], local[promising], is_quotation).tolist(),
    )
    log_odds = model.score_in_context(values[promising], context).tolist()
    is_anchor = [
        not quotation and _is_anchor(evidence, is_agency_copy=is_agency_copy)
        for evidence, quotation in zip(chosen, is_quotation.tolist(), strict=True)
    ]
    penalties = [
        0.0 if is_agency_copy else _NO_AGENCY[_tell_relation(evidence)] for evidence in chosen
    ]
    anchors = [i for i in range(len(chosen)) if is_anchor[i] and log_odds[i] > penalties[i]]
    cases: list[_Case] = []
    for i, (evidence, odds, penalty) in enumerate(zip(chosen, log_odds, penalties, strict=True)):
        relation = _tell_relation(evidence)
        is_backed = bool(evidence.value("credits_source")) or any(
            _backs(chosen[j], evidence, is_close=is_quotation[i] and not is_agency_copy)
            for j in anchors
        )
        if not is_backed and not is_anchor[i]:
            penalty += _UNBACKED[relation]  # noqa: PLW2901
        score = 1 / (1 + math.exp(penalty - odds))
        if relation is Relation.VERBATIM or _is_long_copy(evidence):
            score = max(score, _SURE)
        if relation is not Relation.PARAPHRASE and not is_backed:
            if is_quotation[i]:
                relation = Relation.QUOTATION
            elif evidence.alignment.count_in_runs(2) < _ALONE_WORDS:
                score = min(score, _TOO_SHORT)
        if _is_template(evidence):
            score = min(score, _OTHER_FACTS)
        if score >= settings.keep_score:
            span = (evidence.host, evidence.host), (evidence.source, evidence.source)
            cases.append(_Case(*span, evidence, score, relation))
    accepted, rejected = _assign_words(cache, cases, settings)
    return [_to_match(cache, case, settings) for case in [*_join_neighbours(accepted), *rejected]]


def _may_be_agency_copy(cache: ProfileCache, host: int, source: int) -> bool:
    """Whether the source is an agency's own article, and not of a later day than the host."""
    copied, own = cache.table.articles[host], cache.table.articles[source]
    if own.agency is None or is_known_earlier(copied, own):
        return False
    if copied.published_at is None or own.published_at is None:
        return True
    return own.published_at.date() <= copied.published_at.date()


def _backs(anchor: PairEvidence, evidence: PairEvidence, *, is_close: bool) -> bool:
    """Whether an anchor makes it likelier that another pair was copied too.

    With `is_close` it must stand beside it on both sides: a quotation is copied together with the
    text around it, while papers that share an agency's report may well quote one statement each.
    """
    host_gap = abs(anchor.host - evidence.host)
    source_gap = abs(anchor.source - evidence.source)
    if is_close:
        return 0 < host_gap <= _BESIDE and 0 < source_gap <= _BESIDE
    return host_gap > 0 and source_gap > 0


def _is_anchor(evidence: PairEvidence, *, is_agency_copy: bool) -> bool:
    """Whether a pair that is no quotation proves that one of its articles drew on the other."""
    least_words, least_runs = _AGENCY_ANCHOR if is_agency_copy else _ANCHOR
    return evidence.value("plain_words") >= least_words and evidence.value("runs_5") >= least_runs


def _is_long_copy(evidence: PairEvidence) -> bool:
    """Whether most of the shorter side stands in long runs outside quotation marks in the other.

    The alignment alone decides then: a passage inside a far longer paragraph is little like it as a
    whole.
    """
    return evidence.value("runs_5") >= _LONG_RUNS and evidence.value("plain_words") >= _LONG_WORDS


def _is_template(evidence: PairEvidence) -> bool:
    """Whether one form was filled in twice: for another day, with figures the other article lacks.

    Such are the market reports of two days. A copy leaves figures out, it does not bring its own.
    """
    return (
        evidence.value("figures_nowhere") >= _TEMPLATE_FIGURES
        and evidence.value("figures_shared") <= 1
        and evidence.value("days_differ") > 0
    )


def _tell_relation(evidence: PairEvidence) -> Relation:
    runs = evidence.value("runs_3")
    if evidence.value("sequence") >= _VERBATIM:
        return Relation.VERBATIM
    return Relation.EDITED if runs >= _EDITED_RUNS else Relation.PARAPHRASE


def _assign_words(
    cache: ProfileCache, cases: Sequence[_Case], settings: MatchSettings
) -> tuple[list[_Case], list[_Case]]:
    """Best pair first; a later pair counts where it explains words that none before it did."""
    ranked = sorted(
        cases,
        key=lambda case: (
            -case.score * (1 + case.evidence.value("runs_3")),
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
    alignment = case.evidence.alignment
    if case.relation is Relation.PARAPHRASE:
        return set(range(alignment.n_left)), set(range(alignment.n_right))
    runs = [block for block in alignment.blocks if block.n_words >= 3] or alignment.blocks
    left = {i for block in runs for i in range(block.left, block.left + block.n_words)}
    right = {i for block in runs for i in range(block.right, block.right + block.n_words)}
    return left, right


def _join_neighbours(cases: Sequence[_Case]) -> list[_Case]:
    """Make one case of a paragraph that was split in two, or of two that were merged."""
    joined: list[_Case] = []
    for case in sorted(cases, key=lambda case: (case.host, case.source)):
        for other in joined:
            same_source = other.source == case.source and case.host[0] == other.host[1] + 1
            same_host = other.host == case.host and (
                case.source[0] == other.source[1] + 1 or case.source[1] == other.source[0] - 1
            )
            if same_source or same_host:
                strongest = max(other, case, key=lambda one: (one.score, -one.host[0]))
                other.host = min(other.host[0], case.host[0]), max(other.host[1], case.host[1])
                other.source = (
                    min(other.source[0], case.source[0]),
                    max(other.source[1], case.source[1]),
                )
                other.evidence, other.score = strongest.evidence, strongest.score
                if other.relation is not case.relation:
                    other.relation = Relation.EDITED
                break
        else:
            joined.append(case)
    return joined


def _to_match(cache: ProfileCache, case: _Case, settings: MatchSettings) -> PassageMatch:
    table = cache.table
    host_words = slice(int(table.starts[case.host[0]]), int(table.starts[case.host[1] + 1]))
    source_words = slice(int(table.starts[case.source[0]]), int(table.starts[case.source[1] + 1]))
    alignment = case.evidence.alignment
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
        similarity=math.nan if table.vectors is None else round(case.evidence.value("cosine"), 4),
        containment_left=round(min(left[3], 1.0), 4),
        containment_right=round(min(right[3], 1.0), 4),
        is_match=is_match,
        reason=explain_verdict(cache, case.evidence, case.relation),
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
