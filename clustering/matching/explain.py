"""Why two articles share copy or not: aligned passages, differences, every score and every rule."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import PassageMatch, Relation, TimePrecision
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.evidence import FEATURES, measure_pairs
from wirethread.clustering.matching.evidence_pairs import is_known_earlier, point_to_donor
from wirethread.clustering.matching.pair_scores import WeighedPair, dismiss_pair, weigh_pairs
from wirethread.clustering.matching.passage_model import load_passage_model
from wirethread.clustering.matching.reasons import describe_differences, explain_verdict
from wirethread.clustering.matching.soft_alignment import SOFT_FEATURES, make_aligner
from wirethread.clustering.matching.verdicts import judge_weighed, threshold_of
from wirethread.clustering.outlets import are_own_texts, is_unknown_outlet
from wirethread.clustering.paragraphs.differences import mark_differences
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table
from wirethread.clustering.types import (
    AlignedPassage,
    ArticleText,
    NamedScore,
    PairExplanation,
    TokenReader,
    VectorTable,
)

__all__ = ["MEANINGS", "explain_pair"]

_ALL_MEASURED = 64
"""Up to so many paragraph pairs all are measured."""
_LIKEST = 2
_RUN_WORDS = 5
_SHOWN = 5
"""Passages that were no match but came near, best first."""

MEANINGS = {
    "cosine": "closeness in meaning, of the two vectors",
    "margin_host": "lead over the next best paragraph of the donor",
    "margin_donor": "lead over the next best paragraph of the host",
    "is_mutual": "each is the other's nearest (1) or not (0)",
    "topic": "how close the rest of the two articles is: high where both report one event",
    "lift": "closeness in meaning above that of the rest",
    "overlap_host": "share of the host's words, rare ones first, that the donor has",
    "overlap_donor": "share of the donor's words, rare ones first, that the host has",
    "runs_3": "share of the shorter side in shared runs of 3 words or more",
    "runs_5": "share of the shorter side in shared runs of 5 words or more",
    "runs_unquoted": "share of the words outside quotation marks in shared runs",
    "quoted": "share of the shared runs that is a quotation",
    "plain_words": "shared words outside quotation marks, 20 at most",
    "sequence": "words in common order over all words",
    "figures_shared": "figures that both have",
    "figures_other": "figures of the host that this passage of the donor lacks",
    "figures_nowhere": "figures of the host that the donor lacks altogether",
    "figures_left_out": "figures of the donor that the host lacks",
    "names_shared": "names that both have",
    "names_other": "names of the host that this passage of the donor lacks",
    "names_nowhere": "names of the host that the donor lacks altogether",
    "names_left_out": "names of the donor that the host lacks",
    "days_differ": "days or months differ (1) or not (0)",
    "length": "logarithm of the words of the shorter side",
    "credits_donor": "the host credits the agency whose copy the donor is (1) or not (0)",
    "substance": "logarithm of how rare the common words are in news at large, together",
    "exclusive": "the same of those that stand nowhere else in either article",
    "slots_changed": "other figures, days or names at the same place of one frame",
    "stems_host": "share of the host's words, rare ones first, whose stems the donor has",
    "stems_donor": "share of the donor's words, rare ones first, whose stems the host has",
    "stems_lead_host": "lead of that share over the donor's next nearest paragraphs",
    "stems_lead_donor": "lead of that share over the host's next nearest paragraphs",
    "meaning_host": "how near each of the host's words comes to one of the donor, rare ones first",
    "meaning_donor": "how near each of the donor's words comes to one of the host, rare ones first",
    "meaning_lead_host": "lead of that nearness over the donor's next nearest paragraphs",
    "meaning_lead_donor": "lead of that nearness over the host's next nearest paragraphs",
}
"""What each measurement says, by its name."""


def explain_pair(
    left: ArticleText,
    right: ArticleText,
    vectors: VectorTable | None,
    settings: MatchSettings,
    read_tokens: TokenReader | None = None,
) -> PairExplanation:
    """Compare every paragraph of two articles and say what was found and why.

    With `read_tokens`, of the model that made the vectors, as a run does.

    Unlike a run it leaves nothing out: it shows pairs that are no candidates, articles of one
    publisher and articles outside the time window, and notes that a run would not compare them.
    Text that a publisher repeats from day to day cannot be told from two articles alone.
    """
    if left.article_id > right.article_id:
        left, right = right, left
    table = build_paragraph_table([left, right], vectors, min_words=settings.min_words)
    notes = _note_pair(left, right, table, settings)
    host, donor = point_to_donor(table, 0, 1)
    mine, theirs = (
        range(table.article_starts[i], table.article_starts[i + 1]) for i in (host, donor)
    )
    if not len(mine) or not len(theirs):
        return PairExplanation(
            left_id=left.article_id,
            right_id=right.article_id,
            verdict="no shared copy: one of the articles has no body paragraph to compare",
            passages=[],
            notes=notes,
        )
    cache = ProfileCache(table)
    evidences = measure_pairs(cache, host, donor, choose_pairs(cache, mine, theirs))
    model = load_passage_model(with_vectors=vectors is not None)
    aligner = make_aligner(table, read_tokens)
    weighed = {
        (entry.evidence.host, entry.evidence.donor): entry
        for entry in weigh_pairs(cache, model, (host, donor), evidences, aligner)
    }
    matches = judge_weighed(cache, list(weighed.values()), settings)
    passages = [_show_match(cache, match, list(weighed.values()), settings) for match in matches]
    known = {(m.left_begin, m.right_begin) for m in matches}
    values = np.stack([evidence.values for evidence in evidences])
    for i in np.argsort(-model.score_local(values), kind="stable")[:_SHOWN].tolist():
        pair = (evidences[i].host, evidences[i].donor)
        near = _show_pair(cache, weighed.get(pair) or dismiss_pair(model, evidences[i]), settings)
        if (near.match.left_begin, near.match.right_begin) not in known:
            passages.append(near)
    passages.sort(key=lambda one: (not one.match.is_match, -one.match.score))
    n_found = sum(passage.match.is_match for passage in passages)
    return PairExplanation(
        left_id=left.article_id,
        right_id=right.article_id,
        verdict=_state_verdict(passages, n_found),
        passages=passages[: n_found + _SHOWN],
        notes=notes,
    )


def choose_pairs(cache: ProfileCache, mine: range, theirs: range) -> list[tuple[int, int]]:
    """Return the paragraph pairs of two articles that are worth measuring, in order.

    Of short articles all of them. Of longer ones those that share a run of words, and of each
    paragraph the likest ones by words and by vectors, so that the work grows with the articles and
    not with their product: what is nobody's likest is neither a match nor near to one.
    """
    if len(mine) * len(theirs) <= _ALL_MEASURED:
        return [(p, q) for p in mine for q in theirs]
    table = cache.table
    chosen = set(_find_shared_runs(table, mine, theirs))
    words = _mark_words(table, mine), _mark_words(table, theirs)
    rarity = np.log(1 + len(mine) + len(theirs)) - np.log(words[0].sum(0) + words[1].sum(0) + 1e-9)
    likeness: list[npt.NDArray[np.floating[Any]]] = [
        (words[0] * np.where(np.isfinite(rarity), rarity, 0.0)) @ words[1].T
    ]
    if table.vectors is not None:
        likeness.append(
            table.vectors[mine.start : mine.stop] @ table.vectors[theirs.start :][: len(theirs)].T
        )
    for values in likeness:
        rows = np.argsort(-values, axis=1, kind="stable")[:, :_LIKEST]
        columns = np.argsort(-values, axis=0, kind="stable")[:_LIKEST]
        chosen.update(
            (p, theirs[q]) for p, near in zip(mine, rows.tolist(), strict=True) for q in near
        )
        chosen.update(
            (mine[p], q) for near in columns.tolist() for q, p in zip(theirs, near, strict=True)
        )
    return sorted(chosen)


def _mark_words(table: ParagraphTable, paragraphs: range) -> npt.NDArray[np.float64]:
    """Return which paragraph has which word, 0 or 1; float64[paragraphs, words]."""
    marks = np.zeros((len(paragraphs), len(table.words)))
    for row, index in enumerate(paragraphs):
        marks[row, table.word_ids[table.starts[index] : table.starts[index + 1]]] = 1.0
    return marks


def _find_shared_runs(
    table: ParagraphTable, mine: range, theirs: range
) -> Iterator[tuple[int, int]]:
    """Yield the pairs that have a run of words in common."""
    places: dict[str, set[int]] = {}
    for p in mine:
        coded = table.code_words(p)
        for at in range(len(coded) - _RUN_WORDS + 1):
            places.setdefault(coded[at : at + _RUN_WORDS], set()).add(p)
    for q in theirs:
        coded = table.code_words(q)
        for at in range(len(coded) - _RUN_WORDS + 1):
            for p in places.get(coded[at : at + _RUN_WORDS], ()):
                yield p, q


def _state_verdict(passages: Sequence[AlignedPassage], n_found: int) -> str:
    if n_found:
        plural = "s" if n_found > 1 else ""
        return f"{n_found} shared passage{plural}"
    if any(passage.relation is Relation.QUOTATION for passage in passages):
        return "no shared copy: they share a quotation, which is no evidence of copying"
    best = passages[0].match.reason if passages else "no paragraphs to compare"
    return f"no shared copy; nearest: {best}"


def _note_pair(
    left: ArticleText, right: ArticleText, table: ParagraphTable, settings: MatchSettings
) -> list[str]:
    notes = []
    if are_own_texts(left, right):
        notes.append("one publisher: a run does not compare its articles with one another")
    for article in (left, right):
        if is_unknown_outlet(article.outlet):
            notes.append(f"whose {article.article_id} is, is not known")
    gap = abs(float(table.days[0] - table.days[1]))
    if gap > settings.window_days:
        notes.append(f"{gap:.1f} days apart: a run compares up to {settings.window_days:g} days")
    for side, other in ((left, right), (right, left)):
        if side.agency is not None:
            notes.append(f"{side.outlet} ({side.article_id}) is {side.agency}'s own copy")
            if side.agency in other.credited_agencies:
                words = (other.credit_evidence or {}).get(side.agency)
                notes.append(
                    f"{other.outlet} credits {side.agency}" + (f": {words}" if words else "")
                )
    if is_known_earlier(left, right):
        notes.append(f"{left.outlet} ran first")
    elif is_known_earlier(right, left):
        notes.append(f"{right.outlet} ran first")
    elif TimePrecision.DAY in (left.published_precision, right.published_precision):
        notes.append("which ran first is not known: a mere day does not tell")
    return notes


def _show_match(
    cache: ProfileCache,
    match: PassageMatch,
    weighed: Sequence[WeighedPair],
    settings: MatchSettings,
) -> AlignedPassage:
    """The passage of a verdict, with the measurements of its strongest pair."""
    table = cache.table
    by_id = {article.article_id: i for i, article in enumerate(table.articles)}

    def overlap(pair: WeighedPair) -> float:
        shared = 0.0
        for paragraph in (pair.evidence.host, pair.evidence.donor):
            is_left = by_id[match.left_article_id] == int(table.article_of[paragraph])
            begin = match.left_begin if is_left else match.right_begin
            end = match.left_end if is_left else match.right_end
            inside = min(end, int(table.ends[paragraph])) - max(begin, int(table.begins[paragraph]))
            if inside <= 0:
                return -1.0
            shared += inside
        return shared * (1 + pair.evidence.value("runs_3"))

    return _align(cache, match, max(weighed, key=overlap), settings)


def _show_pair(cache: ProfileCache, pair: WeighedPair, settings: MatchSettings) -> AlignedPassage:
    """A pair that no run keeps, as a verdict of `no match`."""
    table, evidence = cache.table, pair.evidence
    sides = sorted(
        (table.articles[int(table.article_of[i])].article_id, i)
        for i in (evidence.host, evidence.donor)
    )
    (left_id, left), (right_id, right) = sides
    share = [evidence.alignment.n_matched / len(cache.paragraph(i).coded) for i in (left, right)]
    if pair.relation is Relation.PARAPHRASE and pair.score < settings.keep_score:
        reason = "; ".join([*describe_differences(cache, evidence), "too little in common"])
    else:
        reason = explain_verdict(cache, evidence, pair.relation, pair.quotation)
    match = PassageMatch(
        left_article_id=left_id,
        right_article_id=right_id,
        left_begin=int(table.begins[left]),
        left_end=int(table.ends[left]),
        right_begin=int(table.begins[right]),
        right_end=int(table.ends[right]),
        relation=pair.relation,
        score=round(pair.score, 4),
        similarity=round(evidence.value("cosine"), 4)
        if table.vectors is not None
        else float("nan"),
        containment_left=round(min(share[0], 1.0), 4),
        containment_right=round(min(share[1], 1.0), 4),
        is_match=False,
        reason=reason,
    )
    return _align(cache, match, pair, settings)


def _align(
    cache: ProfileCache, match: PassageMatch, pair: WeighedPair, settings: MatchSettings
) -> AlignedPassage:
    table = cache.table
    measured = dict(zip(FEATURES, pair.evidence.values.tolist(), strict=True))
    if pair.soft is not None:
        measured |= dict(zip(SOFT_FEATURES, pair.soft, strict=True))
    by_id = {article.article_id: article for article in table.articles}
    left = _cut_text(by_id[match.left_article_id], match.left_begin, match.left_end)
    right = _cut_text(by_id[match.right_article_id], match.right_begin, match.right_end)
    return AlignedPassage(
        match=match,
        relation=match.relation,
        left_text=left,
        right_text=right,
        pieces=mark_differences(left, right),
        scores=[
            NamedScore(name=name, value=round(value, 4), meaning=MEANINGS[name])
            for name, value in measured.items()
        ],
        rules=[
            *_state_rules(match, pair, settings),
            *describe_differences(cache, pair.evidence),
        ],
    )


def _state_rules(match: PassageMatch, pair: WeighedPair, settings: MatchSettings) -> list[str]:
    """The verdict first, then what the model gave and each rule that moved it."""
    threshold = threshold_of(match.relation, settings)
    score = f"score {match.score:.2f}, threshold for {match.relation.value} {threshold:.2f}"
    if match.relation is Relation.QUOTATION:
        rules = [f"what they share is a quotation, {pair.quotation}: never a match"]
    elif match.is_match or match.score < threshold:
        rules = [f"{score}: {'a match' if match.is_match else 'no match'}"]
    else:
        rules = [f"{score}: no match, for another passage accounts for its words"]
    rules.append(f"log-odds {pair.log_odds:+.2f} of the measurements and the other passages")
    if pair.quotation is not None and match.relation is not Relation.QUOTATION:
        rules.append(f"part of it is a quotation, {pair.quotation}")
    return [*rules, *pair.rules]


def _cut_text(article: ArticleText, begin: int, end: int) -> str:
    """Characters `begin:end` of the article, gaps between paragraphs as one newline."""
    parts = []
    for paragraph in article.paragraphs:
        low, high = max(begin, paragraph.begin), min(end, paragraph.end)
        if low < high:
            parts.append(paragraph.text[low - paragraph.begin : high - paragraph.begin])
    return "\n".join(parts)
