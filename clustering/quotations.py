"""Shared quotations: somebody's words that two newsrooms both carry are no evidence of copying."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from clustering.evidence import FEATURES, PairEvidence, ProfileCache

__all__ = ["discount_quotations", "find_quotations", "resembles_quotation"]

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


_GOES_ON = 0.7
"""Share of the shorter paragraph in shared runs of five words that carries a block quote on."""


_MOST = 0.6
"""Share of the paragraphs of both articles from which they are one text, whoever speaks in it."""


def find_quotations(
    cache: ProfileCache, evidences: Sequence[PairEvidence], *, is_agency_copy: bool
) -> npt.NDArray[np.bool_]:
    """Which pairs of two articles resemble a quotation, block quotes followed on; bool[n].

    A statement set without marks shows itself where it says "I" or follows a line such as `she
    wrote:`, and what follows it word for word on both sides belongs to it. Words of an agency's own
    article are its own, whatever introduces them elsewhere (`is_agency_copy`).
    """
    found = np.array([resembles_quotation(evidence) for evidence in evidences], dtype=bool)
    if is_agency_copy:
        return found
    literal = [i for i, one in enumerate(evidences) if one.value("runs_5") >= _GOES_ON]
    if not literal or _is_republished(cache, [evidences[i] for i in literal]):
        return found
    blocks: set[tuple[int, int]] = set()
    copied: set[tuple[int, int]] = set()
    for i in sorted(literal, key=lambda i: (evidences[i].host, evidences[i].source)):
        p, q = evidences[i].host, evidences[i].source
        host, source = cache.paragraph(p), cache.paragraph(q)
        goes_on = (p - 1, q - 1) in blocks
        # A line that was copied itself introduces nothing: the text goes on as the text it is.
        begins = (p - 1, q - 1) not in copied and (host.is_introduced or source.is_introduced)
        found[i] |= goes_on or begins
        # What stands in marks ends with them; what stands without goes on in the next paragraph.
        if goes_on or (found[i] and (host.is_block or source.is_block)):
            blocks.add((p, q))
        elif not found[i]:
            copied.add((p, q))
    return found


def _is_republished(cache: ProfileCache, literal: Sequence[PairEvidence]) -> bool:
    """Whether pairs alike word for word are most of both articles: a column that two papers ran."""
    starts = cache.table.article_starts
    article_of = cache.table.article_of
    for index, side in ((literal[0].host, "host"), (literal[0].source, "source")):
        article = int(article_of[index])
        n_paragraphs = int(starts[article + 1] - starts[article])
        if len({getattr(one, side) for one in literal}) < _MOST * n_paragraphs:
            return False
    return True


_LITTLE = -2.0
"""The most, in log-odds, that a pair resembling a quotation counts as context of other pairs."""


def discount_quotations(
    values: npt.NDArray[np.float64],
    log_odds: npt.NDArray[np.float64],
    is_found: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.float64]:
    """Log-odds as context for other pairs: quotations count little, unless the agency is credited.

    `values` is float64[n, len(FEATURES)], `is_found` what `find_quotations` found besides. Two
    reports of one speech share many quotations, and none of them makes it likelier that the rest
    was copied.
    """
    column = {name: values[:, i] for i, name in enumerate(FEATURES)}
    is_quotation = (column["quoted"] >= _MIN_QUOTED) & (
        (column["runs_unquoted"] < _MAX_OUTSIDE) | (column["plain_words"] < _FEW_OUTSIDE)
    )
    if is_found is not None:
        is_quotation |= is_found
    is_quotation &= column["credits_source"] == 0
    return np.where(is_quotation, np.minimum(log_odds, _LITTLE), log_odds)
