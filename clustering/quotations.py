"""Shared quotations: somebody's words that two newsrooms both carry are no evidence of copying."""

import numpy as np
import numpy.typing as npt

from clustering.evidence import FEATURES, PairEvidence

__all__ = ["discount_quotations", "resembles_quotation"]

_MIN_QUOTED = 0.6
"""Share of the words in shared runs that stand in quotation marks on either side."""
_MAX_OUTSIDE = 0.6
"""Share of the words around the quotation that are shared too; above it the text was copied."""
_FEW_OUTSIDE = 12
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


_LITTLE = -2.0
"""The most, in log-odds, that a pair resembling a quotation counts as context of other pairs."""


def discount_quotations(
    values: npt.NDArray[np.float64], log_odds: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Log-odds as context for other pairs: quotations count little, unless the agency is credited.

    `values` is float64[n, len(FEATURES)]. Two reports of one speech share many quotations, and none
    of them makes it likelier that the rest was copied.
    """
    column = {name: values[:, i] for i, name in enumerate(FEATURES)}
    is_quotation = (column["quoted"] >= _MIN_QUOTED) & (
        (column["runs_unquoted"] < _MAX_OUTSIDE) | (column["plain_words"] < _FEW_OUTSIDE)
    )
    is_quotation &= column["credits_source"] == 0
    return np.where(is_quotation, np.minimum(log_odds, _LITTLE), log_odds)
