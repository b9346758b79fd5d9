"""A letter and a colour for each whose words are shown: always the same, none twice on a page."""

from collections.abc import Iterable
from dataclasses import dataclass

import xxhash

__all__ = ["Mark", "Palette"]

N_COLOURS = 8
_KNOWN = {
    "AP": ("A", 1),
    "Reuters": ("R", 2),
    "AFP": ("F", 3),
    "dpa": ("D", 4),
    "Bloomberg": ("B", 5),
    "UPI": ("U", 6),
    "PA": ("P", 7),
    "TASS": ("T", 8),
    "Xinhua": ("X", 2),
    "EFE": ("E", 5),
    "ANSA": ("N", 4),
    "Kyodo": ("K", 6),
}
_SPARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How somebody whose words are shown is drawn."""

    letter: str
    colour: int
    """1 to 8, a class `s1` to `s8` of the style sheet; 0 for no colour of its own."""


class Palette:
    """The marks of one page: names asked for first keep the mark they have everywhere."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._marks: dict[str, Mark] = {}
        for name in names:
            self.mark(name)

    def mark(self, name: str) -> Mark:
        """Return the mark of a name, one that no other name of this page has."""
        if name not in self._marks:
            self._marks[name] = self._choose(name)
        return self._marks[name]

    def items(self) -> list[tuple[str, Mark]]:
        """Return the names asked for so far with their marks."""
        return list(self._marks.items())

    def _choose(self, name: str) -> Mark:
        letters = {mark.letter for mark in self._marks.values()}
        colours = {mark.colour for mark in self._marks.values()}
        known = _KNOWN.get(name)
        wanted = known[0] if known else ""
        own = [letter for letter in name.upper() if letter.isalnum()]
        letter = next((one for one in (wanted, *own, *_SPARE) if one and one not in letters), "?")
        start = known[1] if known else xxhash.xxh3_64_intdigest(name.encode()) % N_COLOURS + 1
        ring = [(start - 1 + step) % N_COLOURS + 1 for step in range(N_COLOURS)]
        colour = next((one for one in ring if one not in colours), start)
        return Mark(letter=letter, colour=colour)
