"""Shared quotations: somebody's words that two newsrooms both carry are no evidence of copying."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from wirethread.clustering.matching.evidence import FEATURES, PairEvidence
from wirethread.clustering.outlets import compile_outlet_name
from wirethread.clustering.paragraphs.profiles import ProfileCache

__all__ = [
    "QuotationSign",
    "discount_pairs",
    "find_excerpts",
    "find_quotations",
    "resemble_quotations",
]

_MIN_QUOTED = 0.6
"""Share of the words in shared runs that stand in quotation marks on either side."""
_MAX_OUTSIDE = 0.6
"""Share of the words around the quotation that are shared too; above it the text was copied."""
_FEW_OUTSIDE = 12
"""With fewer shared words than this around the quotation, they are `he said on Monday`."""


class QuotationSign(StrEnum):
    """How words show themselves as somebody else's, in words for people."""

    MARKS = "in quotation marks"
    SPEAKER = "in the first person, or a post"
    INTRODUCED = "after a line that introduces them"
    GOES_ON = "going on from the quotation before"


def resemble_quotations(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether what two paragraphs share is a quotation and little else; bool[n].

    `values` is float64[n, len(FEATURES)]. The words around the quotation decide: where they are
    shared as well, the paragraph was copied with its quotation. Whether it is one, other passages
    of the two articles must also say.
    """
    quoted, around, plain = (
        values[:, FEATURES.index(name)] for name in ("quoted", "runs_unquoted", "plain_words")
    )
    return (quoted >= _MIN_QUOTED) & ((around < _MAX_OUTSIDE) | (plain < _FEW_OUTSIDE))


def find_excerpts(cache: ProfileCache, article: int, other: int) -> frozenset[int]:
    """Positions of the paragraphs of an article that are announced as the other one's outlet's.

    `The Velm Courier reports:` hands on what the Courier wrote, not what somebody said to both.
    Articles are given by index.
    """
    introduced = cache.find_introduced(article)
    name = compile_outlet_name(cache.table.articles[other].outlet) if introduced else None
    if name is None:
        return frozenset()
    return frozenset(position for position, line in introduced.items() if name.search(line))


_GOES_ON = 0.7
"""Share of the shorter paragraph in shared runs of five words that carries a block quote on."""


_MOST = 0.6
"""Share of the paragraphs of both articles from which they are one text, whoever speaks in it."""


def find_quotations(
    cache: ProfileCache, evidences: Sequence[PairEvidence], *, is_agency_copy: bool
) -> list[QuotationSign | None]:
    """How each pair of two articles shows itself as a quotation, None where it is none.

    A statement set without marks shows itself where it says "I" or follows a line such as `she
    wrote:`, and what follows it word for word on both sides belongs to it. Words of an agency's own
    article are its own, whatever introduces them elsewhere (`is_agency_copy`), and so are those of
    an outlet that the line names.
    """
    found: list[QuotationSign | None] = [
        _name_sign(cache, evidence) if resembles else None
        for evidence, resembles in zip(
            evidences,
            resemble_quotations(np.stack([one.values for one in evidences])).tolist(),
            strict=True,
        )
    ]
    if is_agency_copy:
        return found
    literal = [i for i, one in enumerate(evidences) if one.value("runs_5") >= _GOES_ON]
    if not literal or _is_republished(cache, [evidences[i] for i in literal]):
        return found
    introduced = _find_introduced(cache, evidences[literal[0]])
    blocks: set[tuple[int, int]] = set()
    copied: set[tuple[int, int]] = set()
    for i in sorted(literal, key=lambda i: (evidences[i].host, evidences[i].donor)):
        p, q = evidences[i].host, evidences[i].donor
        host, donor = cache.paragraph(p), cache.paragraph(q)
        goes_on = (p - 1, q - 1) in blocks
        # A line that was copied itself introduces nothing: the text goes on as the text it is.
        begins = (p - 1, q - 1) not in copied and not introduced.isdisjoint((p, q))
        if goes_on:
            found[i] = QuotationSign.GOES_ON
        elif begins:
            found[i] = QuotationSign.INTRODUCED
        # What stands in marks ends with them; what stands without goes on in the next paragraph.
        if goes_on or (found[i] is not None and (host.is_block or donor.is_block)):
            blocks.add((p, q))
        elif found[i] is None:
            copied.add((p, q))
    return found


def _find_introduced(cache: ProfileCache, evidence: PairEvidence) -> frozenset[int]:
    """Paragraphs of both articles, by index, that a line announces as a third person's words."""
    table = cache.table
    host, donor = (int(table.article_of[side]) for side in (evidence.host, evidence.donor))
    found: set[int] = set()
    for article, other in ((host, donor), (donor, host)):
        own = cache.find_introduced(article).keys() - find_excerpts(cache, article, other)
        first, last = table.article_starts[article : article + 2].tolist()
        positions = table.positions[first:last].tolist()
        found.update(i for i, position in enumerate(positions, first) if position in own)
    return frozenset(found)


def _name_sign(cache: ProfileCache, evidence: PairEvidence) -> QuotationSign:
    sides = cache.paragraph(evidence.host), cache.paragraph(evidence.donor)
    if any(side.is_introduced for side in sides):
        return QuotationSign.INTRODUCED
    # A paragraph that speaks without marks counts as quoted from its first letter on.
    return QuotationSign.SPEAKER if any(side.is_block for side in sides) else QuotationSign.MARKS


def _is_republished(cache: ProfileCache, literal: Sequence[PairEvidence]) -> bool:
    """Whether pairs alike word for word are most of both articles: a column that two papers ran."""
    starts = cache.table.article_starts
    article_of = cache.table.article_of
    for index, side in ((literal[0].host, "host"), (literal[0].donor, "donor")):
        article = int(article_of[index])
        n_paragraphs = int(starts[article + 1] - starts[article])
        if len({getattr(one, side) for one in literal}) < _MOST * n_paragraphs:
            return False
    return True


_LITTLE = -2.0
"""The most, in log-odds, that a pair resembling a quotation counts as context of other pairs."""
_NOTHING = -4.0
"""The same for a form filled in with other facts."""


def discount_pairs(
    values: npt.NDArray[np.float64],
    log_odds: npt.NDArray[np.float64],
    is_quotation: npt.NDArray[np.bool_],
    is_template: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Log-odds as context for other pairs: forms count nothing, and quotations little.

    `values` is float64[n, len(FEATURES)]. Two reports of one speech share many quotations, and none
    of them makes it likelier that the rest was copied, unless the agency is credited.
    """
    counts_little = is_quotation & (values[:, FEATURES.index("credits_donor")] == 0)
    found = np.where(counts_little, np.minimum(log_odds, _LITTLE), log_odds)
    return np.where(is_template, np.minimum(found, _NOTHING), found)
