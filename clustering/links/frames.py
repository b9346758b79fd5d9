"""Sentences that two texts share: copy, a frame with other facts in its slots, or standing text.

A sentence's frame is what is left of it without figures and capitalised words. Two texts with
frames in common are read sentence by sentence, and what they share counts as follows:

- a lead that agrees in frame and facts is copy: the pair is left as it is;
- a lead, or most of the sentences, with one frame and other facts is a template filled twice: the
  pair has nothing in common;
- anything else is standing text (a sign-off, a stock sentence, words quoted by all): only what the
  texts say beside it counts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from wirethread.clustering.background import hash_words
from wirethread.clustering.links.figures import fold_digits
from wirethread.clustering.links.term_counts import split_terms
from wirethread.clustering.links.terms import TermTable
from wirethread.clustering.settings import StoryArticle

__all__ = ["measure_beside_frames"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_MAX_CHARACTERS = 4_000
_MIN_SHARE = 0.08
"""Share of the shorter text from which frames in common are looked at."""
_MIN_FRAME_WORDS = 3
_MIN_LEAD_WORDS = 8
"""The first sentence of so many words behind the headline is the lead; a shorter one is a label:
"Dear Lena", "Aries (March 21 to April 19)"."""
_MIN_OVERLAP = 0.75
"""Share of the longer frame's words that two frames have in common where they are one."""
_MIN_AGREEMENT = 0.5
"""Share of their facts that two sentences with one frame have in common where they say the same."""
_MIN_FACTS = 3
"""Fewer facts than this, of both sides together, say nothing."""
_MIN_FIGURES_AGREEING = 1 / 3
"""Share of their figures that texts with frames in common share where they say the same."""
_MIN_REST_WORDS = 12
"""Of fewer words beside the frames, nothing can be said."""
_PAIRS_AT_A_TIME = 50_000
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”’')\]]|$)|[:;\n()|。！？]+")
_DIGIT = re.compile(r"\d")
_EDGES = " $€£¥#\"“”'‘’«»„–—-_,*[]{}…"


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    frame: tuple[str, ...]
    facts: frozenset[str]
    is_lead: bool
    n_words: int

    @property
    def key(self) -> str:
        """What it has in common with the same sentence elsewhere, or nothing for a single word."""
        if len(self.frame) >= _MIN_FRAME_WORDS:
            return " ".join(self.frame)
        return self.text.lower() if " " in self.text else ""


def measure_beside_frames(
    articles: Sequence[StoryArticle], table: TermTable, left: Places, right: Places
) -> Floats:
    """Return what each pair's words have in common beside shared frames, float64[p], 0 to 1.

    It is the cosine of the words in the other sentences, 0 where a template was filled twice, and
    NaN where frames say nothing: none is shared, or what is shared is copy.
    """
    beside = np.full(len(left), np.nan)
    if not len(left):
        return beside
    wanted = np.unique(np.concatenate((left, right)))
    sentences = {place: _split(articles[place]) for place in wanted.tolist()}
    shares = _share_frames(sentences, wanted, left, right)
    columns: dict[str, int] = {}
    for pair in np.flatnonzero(shares >= _MIN_SHARE).tolist():
        if not columns:
            columns = {word: place for place, word in enumerate(table.words)}
        one, other = int(left[pair]), int(right[pair])
        beside[pair] = _compare(sentences[one], sentences[other], table, columns, (one, other))
    return beside


def _split(article: StoryArticle) -> list[_Sentence]:
    """Return the sentences of headline and text, in order."""
    texts = (article.headline, article.text[:_MAX_CHARACTERS])
    found: list[_Sentence] = []
    has_lead = False
    for is_body, part in (
        (place == 1, part)
        for place, text in enumerate(texts)
        for part in _SENTENCE_END.split(fold_digits(text))
    ):
        words = [stripped for word in part.split() if (stripped := word.strip(_EDGES))]
        if not words:
            continue
        first, lowered = words[0], [word.lower() for word in words]
        is_fact = [
            word[0].isupper() or (not word.isalpha() and _DIGIT.search(word) is not None)
            for word in words
        ]
        is_fact[0] = not first.isalpha() and _DIGIT.search(first) is not None
        facts = frozenset(compress(lowered, is_fact))
        frame = tuple(word for word, fact in zip(lowered, is_fact, strict=True) if not fact)
        is_lead = is_body and not has_lead and len(words) >= _MIN_LEAD_WORDS
        has_lead = has_lead or is_lead
        found.append(_Sentence(" ".join(words), frame, facts, is_lead, len(words)))
    return found


def _share_frames(
    sentences: Mapping[int, Sequence[_Sentence]], wanted: Places, left: Places, right: Places
) -> Floats:
    """Return the share of each pair's shorter text that lies in frames common word for word."""
    rows, sizes = [], []
    for place in wanted.tolist():
        keyed = {sentence.key: sentence.n_words for sentence in sentences[place] if sentence.key}
        rows.append((hash_words(keyed), np.fromiter(keyed.values(), np.float64, len(keyed))))
        sizes.append(sum(sentence.n_words for sentence in sentences[place]))
    _, numbers = np.unique(np.concatenate([row[0] for row in rows]), return_inverse=True)
    starts = np.concatenate(([0], np.cumsum([len(row[0]) for row in rows])))
    frames = sp.csr_array(
        (np.concatenate([row[1] for row in rows]), numbers, starts),
        shape=(len(rows), max(1, int(numbers.max(initial=0)) + 1)),
    )
    frames.sum_duplicates()
    n_words = np.maximum(np.array(sizes, dtype=np.float64), 1.0)
    at_left, at_right = np.searchsorted(wanted, left), np.searchsorted(wanted, right)
    shares = np.zeros(len(left))
    for begin in range(0, len(left), _PAIRS_AT_A_TIME):
        part = slice(begin, begin + _PAIRS_AT_A_TIME)
        common = frames[at_left[part]].minimum(frames[at_right[part]])
        shorter = np.minimum(n_words[at_left[part]], n_words[at_right[part]])
        shares[part] = np.asarray(common.sum(axis=1)).ravel() / shorter
    return shares


def _compare(
    left: Sequence[_Sentence],
    right: Sequence[_Sentence],
    table: TermTable,
    columns: Mapping[str, int],
    places: tuple[int, int],
) -> float:
    """Return what two texts with frames in common share beside them, NaN where they are copy."""
    partner = _match(left, right)
    matched = [(left[i], right[j]) for i, j in partner.items()]
    leads = [pair for pair in matched if pair[0].is_lead and pair[1].is_lead]
    figures = [
        {fact for pair in matched for fact in pair[side].facts if fact[0].isdigit()}
        for side in (0, 1)
    ]
    fewer = min(map(len, figures))
    if any(_disagree(one, other) for one, other in leads) or (
        fewer >= _MIN_FACTS and len(figures[0] & figures[1]) < _MIN_FIGURES_AGREEING * fewer
    ):
        return 0.0
    if leads:
        return np.nan
    n_facts = sum(len(one.facts | other.facts) for one, other in matched)
    n_common = sum(len(one.facts & other.facts) for one, other in matched)
    rest = (
        [one.text for place, one in enumerate(left) if place not in partner],
        [one.text for place, one in enumerate(right) if place not in set(partner.values())],
    )
    words = [set(split_terms("\n".join(texts))) for texts in rest]
    if min(map(len, words)) < _MIN_REST_WORDS:
        # hardly more than the frames is left of one: their facts decide
        is_template = n_facts >= _MIN_FACTS and n_common < _MIN_AGREEMENT * n_facts
        return 0.0 if is_template else np.nan
    return _measure_rest(words, table, columns, places)


def _match(left: Sequence[_Sentence], right: Sequence[_Sentence]) -> dict[int, int]:
    """Return the sentence of the right with the frame of each of the left that has one there."""
    partner: dict[int, int] = {}
    taken: set[int] = set()
    bags = [frozenset(sentence.frame) for sentence in right]
    texts = [sentence.text.lower() for sentence in right]
    for place, sentence in enumerate(left):
        bag, text = frozenset(sentence.frame), sentence.text.lower()
        best, chosen = 0.0, -1
        for at, other in enumerate(bags):
            longer = max(len(bag), len(other))
            if at in taken:
                continue
            if longer < _MIN_FRAME_WORDS:  # a label
                overlap = float(text == texts[at])
            else:
                overlap = len(bag & other) / longer
            if overlap > best:
                best, chosen = overlap, at
        if best >= _MIN_OVERLAP:
            partner[place] = chosen
            taken.add(chosen)
    return partner


def _disagree(one: _Sentence, other: _Sentence) -> bool:
    """Say whether two sentences with one frame have other facts in it."""
    either = one.facts | other.facts
    return len(either) >= _MIN_FACTS and (
        len(one.facts & other.facts) < _MIN_AGREEMENT * min(len(one.facts), len(other.facts))
    )


def _measure_rest(
    words: Sequence[set[str]],
    table: TermTable,
    columns: Mapping[str, int],
    places: tuple[int, int],
) -> float:
    """Return the cosine of two texts' weighted words, of those that stand beside the frames."""
    rows: list[dict[int, float]] = []
    for kept, place in zip(words, places, strict=True):
        begin, end = table.weights.indptr[place : place + 2]
        allowed = {columns[word] for word in kept if word in columns}
        rows.append(
            {
                column: weight
                for column, weight in zip(
                    table.weights.indices[begin:end].tolist(),
                    table.weights.data[begin:end].tolist(),
                    strict=True,
                )
                if column in allowed
            }
        )
    products = [weight * rows[1].get(column, 0.0) for column, weight in rows[0].items()]
    lengths = [sum(weight * weight for weight in row.values()) ** 0.5 for row in rows]
    return float(sum(products) / max(lengths[0] * lengths[1], 1e-12))
