"""Which candidate pairs can still score well: an upper bound for all at once, before alignment.

The model adds a term for each measurement. What costs little (nearness, the share
of common stems, figures, lengths) is worked out for all pairs as arrays; the rest is taken at what
is best for the pair and still possible. Runs of common words are bounded by the runs of words that
stand in both. So no pair is lost that `weigh_pairs` would look at.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from wirethread.clustering.distinct import count_distinct
from wirethread.clustering.matching.evidence import COMMON, FEATURES, LEAD_RANGE
from wirethread.clustering.matching.evidence_pairs import point_all_to_donors
from wirethread.clustering.matching.passage_model import PassageModel
from wirethread.clustering.paragraphs.nearness import Nearness
from wirethread.clustering.paragraphs.shingles import hash_shingles_at
from wirethread.clustering.paragraphs.table import N_CHARACTERS, ParagraphTable

__all__ = ["ProspectSearch"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PAIRS_AT_A_TIME = 20_000
_RUN_WORDS = 3
_SLACK = 0.01
"""More log-odds than the rounding of sums in another order can make."""
_MOST = {
    "names_shared": 4.0,
    "names_other": 4.0,
    "names_nowhere": 3.0,
    "names_left_out": 4.0,
    "days_differ": 1.0,
    "slots_changed": 0.0,
    "runs_unquoted": 1.0,
    "sequence": 1.0,
}
"""What is not worked out here, and the most that it can be; the least is 0."""


class ProspectSearch:
    """Bounds what pairs of the paragraphs of one table can score; what these hold is read once."""

    def __init__(self, table: ParagraphTable, model: PassageModel) -> None:
        self._table, self._terms = table, _Terms(model)
        self._facts = _Facts.of_table(table)

    def find(self, left: Ints, right: Ints, least: float) -> Flags:
        """Mark the pairs, bool[n], whose local log-odds may be more than `least`.

        `left` and `right` int64[n] are paragraphs of different articles, in either order.
        """
        table = self._table
        hosts, donors = point_all_to_donors(table, left, right)
        found = np.empty(len(hosts), dtype=bool)
        # pairs of the same two articles come together, so that their nearness is worked out once
        order = np.lexsort((donors, hosts, table.article_of[donors], table.article_of[hosts]))
        for begin in range(0, len(order), _PAIRS_AT_A_TIME):
            some = order[begin : begin + _PAIRS_AT_A_TIME]
            bound = _bound_log_odds(table, self._facts, self._terms, hosts[some], donors[some])
            found[some] = bound > least - _SLACK
        return found


def _bound_log_odds(
    table: ParagraphTable, facts: "_Facts", terms: "_Terms", hosts: Ints, donors: Ints
) -> Floats:
    host_articles, donor_articles = table.article_of[hosts], table.article_of[donors]
    known: dict[str, Floats] = _measure_nearness(table, hosts, donors)
    known |= _measure_overlap(table, facts.stems, hosts, donors)
    known |= _compare_figures(facts.figures, hosts, donors, donor_articles)
    sizes = np.diff(table.starts)
    n_mine, n_theirs = sizes[hosts].astype(float), sizes[donors].astype(float)
    shorter = np.minimum(n_mine, n_theirs)
    known["length"] = np.log(shorter)
    known["credits_donor"] = _look_up_credits(table, host_articles, donor_articles)
    bound = np.full(len(hosts), terms.bias)
    for name, values in known.items():
        bound += terms.take(name, values)
    in_runs, in_long_runs = facts.runs.bound(hosts, donors)
    most = {name: np.full(len(hosts), value) for name, value in _MOST.items()}
    most["runs_3"] = np.minimum(in_runs / shorter, 1.0)
    most["runs_5"] = np.minimum(in_long_runs / shorter, 1.0)
    most["quoted"] = (in_runs > 0).astype(float)
    most["plain_words"] = np.minimum(in_runs, 20.0)
    for name, values in most.items():
        bound += terms.take_best(name, values)
    return bound


class _Terms:
    """The term of each measurement in the log-odds of a pair by itself."""

    def __init__(self, model: PassageModel) -> None:
        self.bias = model.local_bias
        self._slopes = {
            FEATURES[column]: float(weight)
            for column, weight in zip(model.features, model.local_weights, strict=True)
        }

    def take(self, name: str, values: Floats) -> Floats:
        """Return the term at each value."""
        return self._slopes.get(name, 0.0) * values

    def take_best(self, name: str, most: Floats) -> Floats:
        """Return the greatest term between 0 and each value."""
        return np.maximum(self.take(name, most), 0.0)


@dataclass(frozen=True, slots=True)
class _Sets:
    """A set of numbers for each paragraph, and what each article has of them."""

    starts: Ints
    members: Ints
    """Those of paragraph i are `members[starts[i]:starts[i+1]]`, ascending."""
    keys: Ints
    """paragraph * n + member, ascending."""
    article_keys: Ints
    """article * n + member, ascending, once each."""
    article_counts: Ints
    """In how many paragraphs of the article each of these stands."""
    n: int
    weights: Floats | None = None
    """Of each key, the least that it was given with."""

    @classmethod
    def of_entries(
        cls,
        table: ParagraphTable,
        paragraphs: Ints,
        members: Ints,
        n: int,
        weights: Floats | None = None,
    ) -> Self:
        """Take (paragraph, member) entries, repeated ones too; members are below `n`."""
        keys, _ = count_distinct(paragraphs * n + members)
        owners, found = np.divmod(keys, n)
        least = None
        if weights is not None:
            least = np.full(len(keys), np.inf)
            np.minimum.at(least, np.searchsorted(keys, paragraphs * n + members), weights)
        article_keys, counts = count_distinct(table.article_of[owners] * n + found)
        return cls(
            starts=np.searchsorted(owners, np.arange(len(table.texts) + 1)),
            members=found,
            keys=keys,
            article_keys=article_keys,
            article_counts=counts,
            n=n,
            weights=least,
        )

    def expand(self, paragraphs: Ints) -> tuple[Ints, Ints]:
        """Return, for the members of each of some paragraphs, their pair and themselves."""
        pairs, at = _expand(self.starts, paragraphs)
        return pairs, self.members[at]

    def weigh(self, paragraphs: Ints, members: Ints) -> tuple[Floats, Flags]:
        """Return the weight of each member in its paragraph, and whether it is there."""
        at, known = _find(self.keys, paragraphs * self.n + members)
        if self.weights is None or not len(self.weights):
            return np.zeros(len(members)), known
        return np.where(known, self.weights[at], 0.0), known

    def are_in(self, paragraphs: Ints, members: Ints) -> Flags:
        """Whether each paragraph holds the member beside it."""
        return _find(self.keys, paragraphs * self.n + members)[1]

    def count_in(self, articles: Ints, members: Ints) -> Ints:
        """In how many paragraphs of each article the member beside it stands."""
        at, known = _find(self.article_keys, articles * self.n + members)
        return np.where(known, self.article_counts[at] if len(self.article_counts) else 0, 0)


def _expand(starts: Ints, paragraphs: Ints) -> tuple[Ints, Ints]:
    """Return, for all that lies in each of some paragraphs, its pair and its place."""
    sizes = starts[paragraphs + 1] - starts[paragraphs]
    pairs = np.repeat(np.arange(len(paragraphs)), sizes)
    first = np.cumsum(sizes) - sizes
    return pairs, np.arange(len(pairs)) - first[pairs] + starts[paragraphs][pairs]


def _find(keys: Any, wanted: Any) -> tuple[Ints, Flags]:
    """Return where each key stands among ascending ones, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the paragraphs of a table hold, by number."""

    stems: _Sets
    figures: _Sets
    runs: "_Runs"

    @classmethod
    def of_table(cls, table: ParagraphTable) -> Self:
        paragraphs = np.repeat(np.arange(len(table.texts)), np.diff(table.starts))
        stem_of, figure_of = table.vocabulary.stem_numbers, table.vocabulary.figure_numbers
        found = figure_of[table.word_ids]
        is_figure = found >= 0
        return cls(
            stems=_Sets.of_entries(
                table,
                paragraphs,
                stem_of[table.word_ids],
                int(stem_of.max(initial=0)) + 1,
                _weigh_tokens(table, paragraphs),
            ),
            figures=_Sets.of_entries(
                table, paragraphs[is_figure], found[is_figure], int(figure_of.max(initial=0)) + 1
            ),
            runs=_Runs.of_table(table),
        )


def _weigh_tokens(table: ParagraphTable, paragraphs: Ints) -> Floats:
    """Return how rare every word of the text is in its article's language, float64[t]."""
    languages = [article.language for article in table.articles]
    names = sorted(set(languages), key=str)
    of_article = np.array([names.index(language) for language in languages], dtype=np.int64)
    of_token = of_article[table.article_of[paragraphs]] if len(paragraphs) else paragraphs
    rarities = np.zeros(len(table.word_ids))
    for place, language in enumerate(names):
        is_its = of_token == place
        rarities[is_its] = table.vocabulary.weigh(language)[table.word_ids[is_its]]
    return rarities


@dataclass(frozen=True, slots=True)
class _Runs:
    """The runs of three words of each paragraph, in the order of the text."""

    starts: Ints
    hashes: Hashes
    """Those of paragraph i are `hashes[starts[i]:starts[i+1]]`."""
    keys: Hashes
    """Of paragraph and run together, ascending; that two are alike by chance does no harm."""

    @classmethod
    def of_table(cls, table: ParagraphTable) -> Self:
        """Hash the runs of words as they are aligned, so that what looks alike there is alike."""
        words = table.word_hashes[table.word_ids % N_CHARACTERS]
        begins, hashes = hash_shingles_at(words, table.starts, _RUN_WORDS)
        owners = np.searchsorted(table.starts, begins, side="right") - 1
        return cls(
            starts=np.searchsorted(begins, table.starts),
            hashes=hashes,
            keys=np.sort(_mix(owners, hashes)),
        )

    def bound(self, hosts: Ints, donors: Ints) -> tuple[Floats, Floats]:
        """Return how many words of each host paragraph can stand in runs of 3, and of 5, in both.

        A run of n common words begins with n - 2 runs of three that stand in both, one after
        another. float64[n] both.
        """
        pairs, at = _expand(self.starts, hosts)
        _, is_common = _find(self.keys, _mix(donors[pairs], self.hashes[at]))
        follows = np.zeros(len(pairs), dtype=bool)  # the one before is common too
        follows[1:] = is_common[:-1] & (pairs[1:] == pairs[:-1])
        is_third = is_common & follows
        is_third[1:] &= follows[:-1]
        n_common, n_begun, n_third = (
            np.bincount(pairs[flags], minlength=len(hosts))
            for flags in (is_common, is_common & ~follows, is_third)
        )
        in_runs = (n_common + (_RUN_WORDS - 1) * n_begun).astype(np.float64)
        return in_runs, np.where(n_third > 0, in_runs, 0.0)


def _mix(paragraphs: Ints, hashes: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        return hashes + paragraphs.astype(np.uint64) * _MULTIPLIER


def _measure_nearness(table: ParagraphTable, hosts: Ints, donors: Ints) -> dict[str, Floats]:
    """Return what the vectors say; pairs of the same two articles stand together."""
    values = np.zeros((4, len(hosts)))
    if table.vectors is not None:
        a, b = table.article_of[hosts], table.article_of[donors]
        changes = np.flatnonzero((np.diff(a) != 0) | (np.diff(b) != 0)) + 1
        for begin, end in pairwise([0, *changes.tolist(), len(hosts)]):
            h0, h1 = table.article_starts[a[begin] : a[begin] + 2].tolist()
            d0, d1 = table.article_starts[b[begin] : b[begin] + 2].tolist()
            nearness = Nearness(table.vectors[h0:h1] @ table.vectors[d0:d1].T)
            values[:, begin:end] = nearness.compare(hosts[begin:end] - h0, donors[begin:end] - d0)
    cosine, margin_host, margin_donor, topic = values
    return {
        "cosine": cosine,
        "margin_host": np.clip(margin_host, *LEAD_RANGE),
        "margin_donor": np.clip(margin_donor, *LEAD_RANGE),
        "is_mutual": ((margin_host > 0) & (margin_donor > 0)).astype(np.float64),
        "topic": topic,
        "lift": cosine - topic,
    }


def _measure_overlap(
    table: ParagraphTable, stems: _Sets, hosts: Ints, donors: Ints
) -> dict[str, Floats]:
    """Return the shares of common stems by their rarity in the two articles, and their weight."""
    a, b = table.article_of[hosts], table.article_of[donors]
    sizes = np.diff(table.article_starts)
    n_paragraphs = sizes[a] + sizes[b]

    def weigh(paragraphs: Ints) -> tuple[Ints, Ints, Floats, Flags]:
        pairs, members = stems.expand(paragraphs)
        in_host, in_donor = (stems.count_in(side[pairs], members) for side in (a, b))
        weights = np.log((n_paragraphs[pairs] + 1) / (in_host + in_donor))
        return pairs, members, weights, (in_host == 1) & (in_donor == 1)

    def add_up(pairs: Ints, weights: Floats) -> Floats:
        return np.bincount(pairs, weights, len(hosts)).astype(np.float64)

    pairs, members, weights, is_exclusive = weigh(hosts)
    there, is_shared = stems.weigh(donors[pairs], members)
    rarity = np.where(is_shared, np.minimum(there, stems.weigh(hosts[pairs], members)[0]), 0.0)
    details = np.where(is_exclusive, np.maximum(rarity - COMMON, 0.0), 0.0)
    shared = add_up(pairs, weights * is_shared)
    of_host = np.maximum(add_up(pairs, weights), 1e-6)
    known = {
        "substance": np.log1p(add_up(pairs, rarity)),
        "exclusive": np.log1p(add_up(pairs, details)),
        "overlap_host": shared / of_host,
    }
    pairs, _, weights, _ = weigh(donors)
    of_donor = np.maximum(add_up(pairs, weights), 1e-6)
    return known | {"overlap_donor": shared / of_donor}


def _compare_figures(
    figures: _Sets, hosts: Ints, donors: Ints, donor_articles: Ints
) -> dict[str, Floats]:
    """Return how many figures are common, and how many are on one side alone, up to 3 of each."""
    n = len(hosts)
    pairs, members = figures.expand(hosts)
    is_shared = figures.are_in(donors[pairs], members)
    is_nowhere = figures.count_in(donor_articles[pairs], members) == 0
    n_mine, n_shared, n_nowhere = (
        np.bincount(pairs[flags], minlength=n).astype(np.float64)
        for flags in (np.ones(len(pairs), dtype=bool), is_shared, is_nowhere)
    )
    n_theirs = np.diff(figures.starts)[donors]
    counts = {
        "figures_shared": n_shared,
        "figures_other": n_mine - n_shared,
        "figures_nowhere": n_nowhere,
        "figures_left_out": n_theirs - n_shared,
    }
    return {name: np.minimum(count, 3.0) for name, count in counts.items()}


def _look_up_credits(table: ParagraphTable, hosts: Ints, donors: Ints) -> Floats:
    """Whether each host article credits the agency of the donor article, as 0 or 1."""
    n = len(table.articles)
    keys, where = np.unique(hosts * n + donors, return_inverse=True)
    credited = [
        table.articles[key % n].agency in table.articles[key // n].credited_agencies
        for key in keys.tolist()
    ]
    return np.array(credited, dtype=np.float64)[where]
