"""The score of every paragraph pair of two articles, and each rule that moved it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import Relation
from wirethread.clustering.matching.evidence import PairEvidence
from wirethread.clustering.matching.evidence_pairs import is_known_earlier
from wirethread.clustering.matching.forms import (
    FormSign,
    find_form,
    is_standing,
    is_telling,
    is_updated,
    tells_something,
)
from wirethread.clustering.matching.passage_model import PassageModel, measure_context
from wirethread.clustering.matching.quotations import (
    QuotationSign,
    discount_pairs,
    find_quotations,
    resemble_quotations,
)
from wirethread.clustering.matching.soft_alignment import SoftAligner
from wirethread.clustering.paragraphs.profiles import ProfileCache

__all__ = [
    "DOUBTFUL",
    "EDITED_RUNS",
    "HOPELESS",
    "WeighedPair",
    "dismiss_pair",
    "may_be_agency_copy",
    "weigh_pairs",
]

HOPELESS = -4.0
"""Log-odds below which a pair is not looked at again: a probability under 2 %."""
DOUBTFUL = -3.0
"""Log-odds in context from which the words of a pair that shares few runs are aligned softly."""
_NO_AGENCY = {Relation.VERBATIM: 0.0, Relation.EDITED: 4.0, Relation.PARAPHRASE: 5.0}
"""Taken from the log-odds where neither article is an agency's own copy: two newsrooms at one event
word much alike, and the labelled articles have no such pairs."""
_LATER_AGENCY = _NO_AGENCY | {Relation.EDITED: 1.0}
"""The same where the agency's article is of a later day: its text may have gone out before."""
_UNBACKED = {Relation.VERBATIM: 0.0, Relation.EDITED: 1.0, Relation.PARAPHRASE: 2.0}
"""Taken from the log-odds where the agency is not credited and no anchor or other sure pair backs
the pair: newsrooms that report one event from the same statements word much of it alike."""
_BACKING = 2.0
"""Log-odds, less what is taken, from which another pair of the same articles backs one."""
_ANCHOR = (13, 0.45)
"""What makes a pair an anchor: shared words outside quotation marks in runs of three or more, and
the share of the shorter side in shared runs of five words or more."""
_AGENCY_ANCHOR = (8, 0.15)
"""The same where one article is an agency's own copy and not later."""
_BESIDE = 2
"""An anchor that backs a quotation is at most so many paragraphs away on either side."""
EDITED_RUNS = 0.25
"""Share of the shorter paragraph in shared runs of three words from which a match is `edited`."""
_ALONE_WORDS = 12
"""A match with no other match beside it needs this many shared words: formulas such as `declined to
comment` have fewer."""
_TOO_SHORT = 0.45
"""The most such a short match scores."""
_OTHER_FACTS = 0.16
"""The most that a form filled in with other facts scores, however much of it is repeated."""
_SURE = 0.9
"""The least that a match decided by alignment alone scores."""
_LONG_RUNS = 0.7
_LONG_WORDS = 20
_VERBATIM = 0.96
"""Share of words in common order from which a match is `verbatim`."""


@dataclass(frozen=True, slots=True)
class WeighedPair:
    """A measured pair with its score between 0 and 1, and what led to it."""

    evidence: PairEvidence
    relation: Relation
    score: float
    log_odds: float
    """What the model gives it, before the rules."""
    quotation: QuotationSign | None
    """How what they share shows itself as somebody else's words, if it does."""
    rules: Sequence[str]
    """Every rule that moved the score, in the order they were applied."""
    soft: Sequence[float] | None = None
    """By `SOFT_FEATURES`, where the words were aligned softly."""


def weigh_pairs(
    cache: ProfileCache,
    model: PassageModel,
    articles: tuple[int, int],
    evidences: Sequence[PairEvidence],
    aligner: SoftAligner | None = None,
) -> list[WeighedPair]:
    """Score the measured pairs of two articles, without those that are hopeless by themselves.

    `articles` are the indices of host and donor. The order of `evidences` is kept. With an
    `aligner` what shares few runs with an agency's earlier text is read closer where in doubt.
    """
    values = np.stack([evidence.values for evidence in evidences])
    local = model.score_local(values)
    promising = np.flatnonzero(local > HOPELESS)
    if not len(promising):
        return []
    chosen = [evidences[i] for i in promising.tolist()]
    is_agency_copy = may_be_agency_copy(cache, *articles)
    signs = find_quotations(cache, chosen, is_agency_copy=is_agency_copy)
    is_template = [evidence.value("slots_changed") > 0 for evidence in chosen]
    context = measure_context(
        [evidence.host for evidence in chosen],
        [evidence.donor for evidence in chosen],
        discount_pairs(
            values[promising],
            local[promising],
            np.array([sign is not None for sign in signs]),
            np.array(is_template),
        ).tolist(),
    )
    has_agency = cache.table.articles[articles[1]].agency is not None
    reader = aligner if is_agency_copy else None
    log_odds, soft = _add_up(model, reader, articles, chosen, (values[promising], context))
    relations = [_tell_relation(evidence) for evidence in chosen]
    stands = [is_standing(cache, evidence) for evidence in chosen]
    proves = [
        signs[i] is None
        and not is_template[i]
        and not stands[i]
        and _is_anchor(evidence, is_agency_copy=is_agency_copy)
        for i, evidence in enumerate(chosen)
    ]
    taken = _LATER_AGENCY if has_agency else _NO_AGENCY
    penalties = [0.0 if is_agency_copy else taken[relation] for relation in relations]
    anchors = [i for i in range(len(chosen)) if proves[i] and log_odds[i] > penalties[i]]
    sure = [
        i
        for i in range(len(chosen))
        if signs[i] is None
        and not (is_template[i] or stands[i])
        and log_odds[i] - penalties[i] > _BACKING
    ]

    @lru_cache(maxsize=1)  # two leads are aligned for it: only where a score is at stake
    def look_for_form() -> FormSign | None:
        return find_form(cache, articles, evidences, len({chosen[i].host for i in sure}))

    weighed = []
    for i, evidence in enumerate(chosen):
        relation, penalty, rules = relations[i], penalties[i], []
        if penalty:
            rules.append(f"less {penalty:g}: the donor is no agency's own article, or a later one")
        is_close = signs[i] is not None and not is_agency_copy
        is_backed = bool(evidence.value("credits_donor")) or any(
            _backs(chosen[j], evidence, is_close=is_close)
            for j in (anchors if is_close else [*anchors, *sure])
        )
        if not is_backed and not proves[i]:
            penalty += _UNBACKED[relation]
            if _UNBACKED[relation]:
                rules.append(
                    f"less {_UNBACKED[relation]:g}: no credit and no sure passage beside it"
                )
        score = 1 / (1 + math.exp(penalty - log_odds[i]))
        # without an agency or anything beside it, what the event dictates is worded alike by all
        may_be_told_alike = not (has_agency or is_backed)
        if score < _SURE and (
            relation is Relation.VERBATIM or (not may_be_told_alike and _is_long_copy(evidence))
        ):
            score = _SURE
            rules.append(f"at least {_SURE:g}: the words are the same, or most are in long runs")
        if signs[i] is not None and relation is not Relation.PARAPHRASE and not is_backed:
            relation = Relation.QUOTATION
        elif not is_backed and score > _TOO_SHORT:
            limit = _name_limit(cache, evidence, relation, stands=stands[i])
            if limit is not None:
                score = _TOO_SHORT
                rules.append(f"at most {_TOO_SHORT:g}: {limit}")
        if score > _OTHER_FACTS and (
            (is_template[i] and not is_updated(chosen, anchors, evidence))
            or _is_of_form(cache, evidence, look_for_form(), is_template=is_template[i])
        ):
            score = _OTHER_FACTS
            what = "one form" if is_template[i] else "a line of a form"
            rules.append(f"at most {_OTHER_FACTS:g}: {what} filled in with other facts")
        weighed.append(
            WeighedPair(evidence, relation, score, log_odds[i], signs[i], rules, soft.get(i))
        )
    return weighed


def _add_up(
    model: PassageModel,
    aligner: SoftAligner | None,
    articles: tuple[int, int],
    chosen: Sequence[PairEvidence],
    measured: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> tuple[list[float], Mapping[int, Sequence[float]]]:
    """Return the log-odds of pairs in context, and by place what was aligned softly for them.

    `measured` are the values of the pairs and their context, a row a pair.
    """
    values, context = measured
    log_odds = model.score_in_context(values, context)
    if aligner is None or model.reworded_weights is None:
        return log_odds.tolist(), {}
    doubtful = [
        i
        for i, evidence in enumerate(chosen)
        if log_odds[i] > DOUBTFUL and _tell_relation(evidence) is Relation.PARAPHRASE
    ]
    if not doubtful:
        return log_odds.tolist(), {}
    soft = aligner.measure(*articles, [(chosen[i].host, chosen[i].donor) for i in doubtful])
    log_odds[doubtful] = model.score_reworded(values[doubtful], context[doubtful], soft)
    return log_odds.tolist(), dict(zip(doubtful, soft.tolist(), strict=True))


def _is_of_form(
    cache: ProfileCache, evidence: PairEvidence, form: FormSign | None, *, is_template: bool
) -> bool:
    """Whether what two forms have in common is a line of the form, not copy beside it."""
    if form is FormSign.LEADS and not is_template and evidence.value("credits_donor"):
        return not is_telling(cache, evidence)
    return form is not None


def _name_limit(
    cache: ProfileCache, evidence: PairEvidence, relation: Relation, *, stands: bool
) -> str | None:
    """Return in words why a pair that nothing backs is no copy, None where it may be."""
    if stands:
        return "standing text, and nothing beside it"
    if relation is Relation.PARAPHRASE:
        return None
    if evidence.alignment.count_in_runs(2) < _ALONE_WORDS:
        return "a few words with nothing beside them"
    return None if tells_something(cache, evidence) else "stock words that tell no fact"


def dismiss_pair(model: PassageModel, evidence: PairEvidence) -> WeighedPair:
    """Score a pair by itself, as `weigh_pairs` does before it leaves out the hopeless ones."""
    log_odds = float(model.score_local(evidence.values[None, :])[0])
    relation = _tell_relation(evidence)
    sign = QuotationSign.MARKS if resemble_quotations(evidence.values[None, :])[0] else None
    if sign is not None and relation is not Relation.PARAPHRASE:
        relation = Relation.QUOTATION
    rule = "too unlike by itself for other passages to count"
    return WeighedPair(evidence, relation, 1 / (1 + math.exp(-log_odds)), log_odds, sign, [rule])


def may_be_agency_copy(cache: ProfileCache, host: int, donor: int) -> bool:
    """Whether the donor is an agency's own article, and not of a later day than the host."""
    copied, own = cache.table.articles[host], cache.table.articles[donor]
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
    donor_gap = abs(anchor.donor - evidence.donor)
    if is_close:
        return 0 < host_gap <= _BESIDE and 0 < donor_gap <= _BESIDE
    return host_gap > 0 and donor_gap > 0


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


def _tell_relation(evidence: PairEvidence) -> Relation:
    runs = evidence.value("runs_3")
    if evidence.value("sequence") >= _VERBATIM:
        return Relation.VERBATIM
    return Relation.EDITED if runs >= EDITED_RUNS else Relation.PARAPHRASE
