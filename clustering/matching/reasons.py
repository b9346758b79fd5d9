"""Why two paragraphs are a match or not, in words for people."""

from wirethread.articles.types.articles import Relation
from wirethread.clustering.matching.evidence import PairEvidence
from wirethread.clustering.matching.quotations import QuotationSign
from wirethread.clustering.paragraphs.profiles import ProfileCache

__all__ = ["describe_differences", "explain_verdict"]

_SHOWN = 4


def explain_verdict(
    cache: ProfileCache,
    evidence: PairEvidence,
    relation: Relation,
    quotation: QuotationSign | None,
) -> str:
    """One line that names what speaks for copy and what against it.

    It does not tell the verdict, so it stays true when a threshold is moved.
    """
    alignment = evidence.alignment
    shorter = min(alignment.n_left, alignment.n_right)
    meaning = f", meaning {evidence.value('cosine'):.2f}" if evidence.value("cosine") else ""
    if relation is Relation.QUOTATION:
        return f"shared quotation only, {quotation}{meaning}"
    if relation is Relation.VERBATIM:
        return f"same words: {alignment.n_matched} of {shorter}"
    shared = []
    if evidence.value("figures_shared"):
        shared.append(f"{evidence.value('figures_shared'):.0f} figures")
    if evidence.value("names_shared"):
        shared.append(f"{evidence.value('names_shared'):.0f} names")
    facts = f", same {' and '.join(shared)}" if shared else ""
    credit = "; the article credits the agency" if evidence.value("credits_donor") else ""
    in_runs = f"{alignment.count_in_runs(2)} of {shorter} words in shared runs"
    reworded = "reworded, " if relation is Relation.PARAPHRASE else ""
    against = "".join(f"; {one}" for one in describe_differences(cache, evidence))
    return f"{reworded}{in_runs}{meaning}{facts}{credit}{against}"


def describe_differences(cache: ProfileCache, evidence: PairEvidence) -> list[str]:
    """Figures, days and names that only one side has, as `figures differ: 12 / 17`."""
    mine, theirs = cache.paragraph(evidence.host), cache.paragraph(evidence.donor)
    found = []
    for what, ours, others in (
        ("figures", mine.figures, theirs.figures),
        ("days", mine.days, theirs.days),
        ("names", mine.names, theirs.names),
    ):
        only_ours, only_others = sorted(ours - others), sorted(others - ours)
        if only_ours and only_others:
            sides = (", ".join(side[:_SHOWN]) for side in (only_ours, only_others))
            found.append(f"{what} differ: {' / '.join(sides)}")
    return found
