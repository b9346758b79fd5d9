"""Shared quotations: somebody's words that two newsrooms both carry are no evidence of copying."""

from clustering.evidence import PairEvidence

__all__ = ["resembles_quotation"]

_MIN_QUOTED = 0.6
"""Share of the words in shared runs that stand in quotation marks on either side."""
_MAX_OUTSIDE = 0.6
"""Share of the words around the quotation that are shared too; above it the text was copied."""
_FEW_OUTSIDE = 8
"""With fewer shared words than this around the quotation, they are `he said on Monday`."""


def resembles_quotation(evidence: PairEvidence) -> bool:
    """Whether what two paragraphs share is a quotation and little else.

    The words around the quotation decide: where they are shared as well, the paragraph was copied
    with its quotation. Whether it is one, other passages of the two articles must also say.
    """
    return evidence.value("quoted") >= _MIN_QUOTED and (
        evidence.value("runs_unquoted") < _MAX_OUTSIDE
        or evidence.value("plain_words") < _FEW_OUTSIDE
    )
