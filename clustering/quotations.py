"""Shared quotations: somebody's words that two newsrooms both carry are no evidence of copying."""

from clustering.evidence import PairEvidence, ProfileCache

__all__ = ["is_shared_quotation"]

_MIN_QUOTED = 0.85
"""Share of the words in shared runs that stand in quotation marks on both sides."""
_MAX_OUTSIDE = 0.35
"""Share of the stems outside the quotation marks that both sides have."""
_MIN_OUTSIDE = 3


def is_shared_quotation(cache: ProfileCache, evidence: PairEvidence) -> bool:
    """Whether what two paragraphs share is a quotation and little else.

    The words around the quotation decide: where they are shared as well, the paragraph was copied
    with its quotation.
    """
    mine, theirs = cache.paragraph(evidence.host), cache.paragraph(evidence.source)
    n_quoted = n_shared = 0
    for block in evidence.alignment.blocks:
        if block.n_words >= 3:
            n_shared += block.n_words
            n_quoted += sum(
                mine.quoted[block.left + i] and theirs.quoted[block.right + i]
                for i in range(block.n_words)
            )
    if not n_shared or n_quoted < _MIN_QUOTED * n_shared:
        return False
    outside_mine = {c for c, q in zip(mine.coded, mine.quoted, strict=True) if not q}
    outside_theirs = {c for c, q in zip(theirs.coded, theirs.quoted, strict=True) if not q}
    fewer = min(len(outside_mine), len(outside_theirs))
    if fewer < _MIN_OUTSIDE:
        return True
    return len(outside_mine & outside_theirs) < _MAX_OUTSIDE * fewer
