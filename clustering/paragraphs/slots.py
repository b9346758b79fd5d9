"""Slots of a frame: where two texts run alike but for a name, a figure or a day.

Copy agrees in its facts; a form that was filled in twice agrees in everything but them. A slot is a
short stretch between words that both texts have in one order, with a fact on either side.
"""

from collections.abc import Collection, Sequence

from rapidfuzz.distance import Indel

from wirethread.clustering.paragraphs.alignment import Alignment

__all__ = ["DAY", "FIGURE", "NAME", "count_changed_slots"]

FIGURE, DAY, NAME = "#", "@", "n"
"""What kind of fact a key states: its first character."""
_SAME_SPELLING = 0.7
"""Likeness of two names from which they are one in two spellings, or one cut short."""
_LONGEST = 12
"""Words of a slot; a longer stretch is another sentence, not another fact."""


def count_changed_slots(
    alignment: Alignment,
    left: Sequence[str | None],
    right: Sequence[str | None],
    left_stems: Collection[str],
    right_stems: Collection[str],
) -> int:
    """Return in how many slots two texts state other facts of one kind.

    `left` and `right` give for every word the key of the fact that it states, if it does (see
    `ParagraphProfile.facts`). A fact that the other text has anywhere is none that differs: it has
    only moved. One day alone is none either, since newsrooms tell days in many ways.
    """
    known_left, known_right = frozenset(left), frozenset(right)

    def list_new(
        facts: Sequence[str | None], known: frozenset[str | None], stems: Collection[str]
    ) -> list[str]:
        return [
            fact
            for fact in facts
            if fact is not None
            and fact not in known
            and not (fact[0] == NAME and fact[1:] in stems)
        ]

    changed: list[str] = []
    at_left = at_right = 0
    ends = [
        (block.left, block.right, block.n_words) for block in alignment.blocks if not block.is_moved
    ]
    for next_left, next_right, n_words in [*ends, (len(left), len(right), 0)]:
        if next_left - at_left <= _LONGEST and next_right - at_right <= _LONGEST:
            mine = list_new(left[at_left:next_left], known_right, right_stems)
            if mine:
                theirs = list_new(right[at_right:next_right], known_left, left_stems)
                changed += _pair_kinds(mine, theirs)
        at_left, at_right = next_left + n_words, next_right + n_words
    return 0 if changed == [DAY] else len(changed)


def _pair_kinds(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Return the kinds of which both sides of a slot state facts, names in two spellings apart."""
    kinds = {fact[0] for fact in mine} & {fact[0] for fact in theirs}
    if NAME in kinds and any(
        Indel.normalized_similarity(my_fact, their_fact) >= _SAME_SPELLING
        for my_fact in mine
        for their_fact in theirs
        if my_fact[0] == their_fact[0] == NAME
    ):
        kinds.discard(NAME)
    return sorted(kinds)
