"""What two paragraphs have in common and where they disagree, as numbers.

Everything here depends on the two articles alone: how rare a word is, is told from the paragraphs
of these two. So a verdict never changes with what else happens to be in the archive.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wirethread.clustering.paragraphs.alignment import Alignment, align_words
from wirethread.clustering.paragraphs.nearness import Nearness
from wirethread.clustering.paragraphs.profiles import (
    ArticleProfile,
    ParagraphProfile,
    ProfileCache,
)
from wirethread.clustering.paragraphs.quote_marks import weigh_quotes
from wirethread.clustering.paragraphs.slots import count_changed_slots
from wirethread.clustering.paragraphs.vocabulary import cut_stem

__all__ = ["COMMON", "FEATURES", "FRAMED_RUNS", "LEAD_RANGE", "PairEvidence", "measure_pairs"]

FEATURES = (
    "cosine",
    "margin_host",
    "margin_donor",
    "is_mutual",
    "topic",
    "lift",
    "overlap_host",
    "overlap_donor",
    "runs_3",
    "runs_5",
    "runs_unquoted",
    "quoted",
    "plain_words",
    "sequence",
    "figures_shared",
    "figures_other",
    "figures_nowhere",
    "figures_left_out",
    "names_shared",
    "names_other",
    "names_nowhere",
    "names_left_out",
    "days_differ",
    "length",
    "credits_donor",
    "substance",
    "exclusive",
    "slots_changed",
)
"""The measurements of a pair, in the order of the columns of `measure_pairs`."""
LEAD_RANGE = (-0.2, 0.4)
"""Leads of a cosine over the next best count between these."""
COMMON = 1.0
"""Rarity of a word that stands in one document of three: rarer ones count by how much they are."""
FRAMED_RUNS = 0.25
"""Share of the shorter side in shared runs of three words from which the two have one frame."""
_COLUMN_OF = {name: column for column, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """The measurements of one paragraph pair and the alignment behind them."""

    host: int
    donor: int
    alignment: Alignment
    values: npt.NDArray[np.float64]
    """float64[len(FEATURES)]."""

    def value(self, name: str) -> float:
        """One measurement by its name in `FEATURES`."""
        return float(self.values[_COLUMN_OF[name]])


def measure_pairs(
    cache: ProfileCache, host: int, donor: int, pairs: Sequence[tuple[int, int]]
) -> list[PairEvidence]:
    """Measure paragraph pairs (of `host`, of `donor`) of two articles given by index.

    The host is the article that may have copied; figures and names of the host that the donor
    lacks weigh against, what the host left out weighs little.
    """
    table = cache.table
    h0, h1 = (int(i) for i in table.article_starts[host : host + 2])
    d0, d1 = (int(i) for i in table.article_starts[donor : donor + 2])
    near = np.zeros((4, len(pairs)))
    if table.vectors is not None and pairs:
        rows, columns = np.array(pairs, dtype=np.int64).T
        nearness = Nearness(table.vectors[h0:h1] @ table.vectors[d0:d1].T)
        near = np.array(nearness.compare(rows - h0, columns - d0))
    host_article, donor_article = cache.article(host), cache.article(donor)
    agency = table.articles[donor].agency
    is_credited = agency is not None and agency in table.articles[host].credited_agencies
    n_paragraphs = (h1 - h0) + (d1 - d0)
    weigh = _StemWeights(
        n_paragraphs, host_article.stem_counts, donor_article.stem_counts
    ).__getitem__
    totals: dict[int, float] = {}

    def weigh_all(index: int, stems: Iterable[str]) -> float:
        total = totals.get(index)
        if total is None:
            total = totals[index] = max(sum(map(weigh, stems)), 1e-6)
        return total

    found: list[PairEvidence] = []
    for (p, q), (cosine, margin_host, margin_donor, topic) in zip(
        pairs, near.T.tolist(), strict=True
    ):
        mine, theirs = cache.paragraph(p), cache.paragraph(q)
        alignment = align_words(mine.coded, theirs.coded)
        quotes = weigh_quotes(alignment, mine.quoted, theirs.quoted)
        n_mine, n_theirs = len(mine.coded), len(theirs.coded)
        shorter = min(n_mine, n_theirs)
        common = mine.stems.keys() & theirs.stems.keys()
        shared = sum(map(weigh, common))
        runs_3 = alignment.count_in_runs(3) / shorter
        other_figures = mine.figures - theirs.figures
        other_names = {name for name in mine.names if cut_stem(name) not in theirs.stems}
        left_out = {name for name in theirs.names if cut_stem(name) not in mine.stems}
        found.append(
            PairEvidence(
                p,
                q,
                alignment,
                np.array(
                    [
                        cosine,
                        min(max(margin_host, LEAD_RANGE[0]), LEAD_RANGE[1]),
                        min(max(margin_donor, LEAD_RANGE[0]), LEAD_RANGE[1]),
                        float(margin_host > 0 and margin_donor > 0),
                        topic,
                        cosine - topic,
                        shared / weigh_all(p, mine.stems),
                        shared / weigh_all(q, theirs.stems),
                        runs_3,
                        alignment.count_in_runs(5) / shorter,
                        quotes.share_unquoted,
                        quotes.share_quoted,
                        min(quotes.n_plain, 20),
                        2 * alignment.n_matched / (n_mine + n_theirs),
                        min(len(mine.figures & theirs.figures), 3),
                        min(len(other_figures), 3),
                        min(len(other_figures - donor_article.figures), 3),
                        min(len(theirs.figures - mine.figures), 3),
                        min(len(mine.names) - len(other_names), 4),
                        min(len(other_names), 4),
                        min(len(other_names - donor_article.words), 3),
                        min(len(left_out), 4),
                        float(bool(mine.days and theirs.days and mine.days - theirs.days)),
                        math.log(shorter),
                        float(is_credited),
                        *_weigh_common(mine, theirs, host_article, donor_article),
                        count_changed_slots(
                            alignment, mine.facts, theirs.facts, mine.stems, theirs.stems
                        )
                        if runs_3 >= FRAMED_RUNS
                        else 0.0,
                    ]
                ),
            )
        )
    return found


def _weigh_common(
    mine: ParagraphProfile, theirs: ParagraphProfile, host: ArticleProfile, donor: ArticleProfile
) -> tuple[float, float]:
    """How much the common words say at large, and those that stand nowhere else in either article.

    Logarithms of the sums of their rarities. What two articles on one event say throughout, every
    report of it says; what each says once is a detail.
    """
    substance = exclusive = 0.0
    # in one order, so that sums don't differ by rounding
    for stem in sorted(mine.stems.keys() & theirs.stems.keys()):
        rarity = min(mine.stems[stem], theirs.stems[stem])
        substance += rarity
        if host.stem_counts[stem] == 1 and donor.stem_counts[stem] == 1:
            exclusive += max(rarity - COMMON, 0.0)
    return math.log1p(substance), math.log1p(exclusive)


class _StemWeights(dict[str, float]):
    """How rare each stem is in the paragraphs of two articles, worked out when first asked for."""

    def __init__(self, n_paragraphs: int, left: Counter[str], right: Counter[str]) -> None:
        super().__init__()
        self._left, self._right = left, right
        self._of_count = [math.log((n_paragraphs + 1) / n) for n in range(1, n_paragraphs + 1)]

    def __missing__(self, stem: str) -> float:
        n = self._left.get(stem, 0) + self._right.get(stem, 0)
        weight = self[stem] = self._of_count[n - 1]
        return weight
