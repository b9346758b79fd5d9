"""Forms that are filled in anew, standing text and stock words: what is alike and yet no copy."""

from collections.abc import Sequence
from enum import StrEnum

from wirethread.clustering.fact_words import NOUNS_CAPITALISED
from wirethread.clustering.matching.evidence import PairEvidence, measure_pairs
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.slots import DAY

__all__ = ["FormSign", "find_form", "is_standing", "is_telling", "is_updated", "tells_something"]

_STANDING_SHARE = 0.6
"""Share of the words in common from which a pair is standing text."""
_TELLING_WORDS = 5
_TELLING_RARITY = 5.0
"""Mean rarity of the rarest words in common, -ln of the share of documents that hold each, from
which a text tells something by its words alone: one document in 150."""
_LEAD_SLOTS = 2
"""So many of a lead's slots must differ: one figure changes in an update too."""
_MOST_SURE = 2
"""With more paragraphs that are surely the same, a lead with other facts is one of them updated."""


class FormSign(StrEnum):
    """What shows that two articles fill in one form with other facts."""

    LINES = "most of what is alike differs in its facts"
    LEADS = "their leads are alike and differ in their facts"


def find_form(
    cache: ProfileCache,
    articles: tuple[int, int],
    evidences: Sequence[PairEvidence],
    n_sure: int,
) -> FormSign | None:
    """How two articles, `(host, donor)`, show themselves as one form filled in twice, if they do.

    `n_sure` paragraphs are surely the same.
    """
    n_filled = len({evidence.host for evidence in evidences if evidence.value("slots_changed") > 0})
    if n_filled > max(n_sure, 1):
        return FormSign.LINES
    if n_sure <= _MOST_SURE and _lead_slots(cache, articles, evidences) >= _LEAD_SLOTS:
        return FormSign.LEADS
    return None


def _lead_slots(
    cache: ProfileCache, articles: tuple[int, int], evidences: Sequence[PairEvidence]
) -> float:
    """Return in how many slots the first paragraphs of two articles differ."""
    host, donor = articles
    leads = int(cache.table.article_starts[host]), int(cache.table.article_starts[donor])
    for evidence in evidences:
        if (evidence.host, evidence.donor) == leads:
            return evidence.value("slots_changed")
    if not all(len(cache.paragraph(lead).coded) for lead in leads):
        return 0.0  # all the words of one were dropped, since its publisher repeats them
    (measured,) = measure_pairs(cache, host, donor, [leads])
    return measured.value("slots_changed")


def is_standing(cache: ProfileCache, evidence: PairEvidence) -> bool:
    """Whether most words in common stand in sentences of standing text."""
    standing = cache.paragraph(evidence.host).standing
    if not any(standing):
        return False
    shared = [
        flag
        for block in evidence.alignment.blocks
        for flag in standing[block.left : block.left + block.n_words]
    ]
    return sum(shared) >= _STANDING_SHARE * len(shared)


def tells_something(cache: ProfileCache, evidence: PairEvidence) -> bool:
    """Whether the words in common state a figure or a telling name, or are rare together.

    Stock words do not: `nobody knew how it had begun` fits any happening. `Children sitting in
    cages and an audiotape of wailing children` names nobody and is no stock. Where a script or a
    language shows no names by capitals, nothing can be said.
    """
    return _tells_facts(cache, evidence) or is_telling(cache, evidence)


def _tells_facts(cache: ProfileCache, evidence: PairEvidence) -> bool:
    article = cache.table.articles[int(cache.table.article_of[evidence.host])]
    text = cache.table.texts[evidence.host]
    if article.language in NOUNS_CAPITALISED or text.lower() == text.upper():
        return True
    facts = cache.paragraph(evidence.host).facts
    return any(
        fact is not None and fact[0] != DAY
        for block in evidence.alignment.blocks
        for fact in facts[block.left : block.left + block.n_words]
    )


def is_telling(cache: ProfileCache, evidence: PairEvidence) -> bool:
    """Whether the words in common are rare together, names or not."""
    table = cache.table
    language = table.articles[int(table.article_of[evidence.host])].language
    rarities, first = cache.weigh_words(language), int(table.starts[evidence.host])
    shared = {
        int(word)
        for block in evidence.alignment.blocks
        for word in table.word_ids[first + block.left : first + block.left + block.n_words]
    }
    rarest = sorted((rarities[word] for word in shared), reverse=True)[:_TELLING_WORDS]
    return sum(rarest) >= _TELLING_WORDS * _TELLING_RARITY


def is_updated(
    chosen: Sequence[PairEvidence], anchors: Sequence[int], evidence: PairEvidence
) -> bool:
    """Whether one changed fact stands in copy: sure passages run on before or behind it alike."""
    if evidence.value("slots_changed") > 1:
        return False
    return any(
        abs(step := chosen[i].host - evidence.host) == 1
        and chosen[i].donor - evidence.donor == step
        for i in anchors
    )
