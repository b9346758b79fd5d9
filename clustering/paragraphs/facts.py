"""Figures, days and names that only one of two texts has, as they are written there."""

from dataclasses import dataclass

from wirethread.articles.normalize import tokenize_spans
from wirethread.clustering.fact_words import DAY_WORDS, NOUNS_CAPITALISED
from wirethread.clustering.paragraphs.vocabulary import read_figure

__all__ = ["FactDifference", "compare_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDifference:
    """What one of two texts states and the other does not, in the order of the texts."""

    kind: str
    """figures, days or names."""
    left: tuple[str, ...]
    right: tuple[str, ...]


def compare_facts(
    left: str, right: str, *, left_language: str | None = None, right_language: str | None = None
) -> list[FactDifference]:
    """Return the kinds of facts in which two texts differ, none where they agree in all.

    A number word counts as its figure. A name is a word with a capital inside a sentence; where a
    language writes nouns so, none are told.
    """
    mine, theirs = _read_facts(left, left_language), _read_facts(right, right_language)
    words = (
        {key.casefold() for key, _, _ in tokenize_spans(left)},
        {key.casefold() for key, _, _ in tokenize_spans(right)},
    )
    found = []
    for kind in ("figures", "days", "names"):
        ours, others = mine[kind], theirs[kind]
        # a name that opens a sentence over there is there, though it can't be told as one
        only_ours = tuple(ours[k] for k in ours if k not in others and k not in words[1])
        only_others = tuple(others[k] for k in others if k not in ours and k not in words[0])
        if only_ours or only_others:
            found.append(FactDifference(kind=kind, left=only_ours, right=only_others))
    return found


def _read_facts(text: str, language: str | None) -> dict[str, dict[str, str]]:
    facts: dict[str, dict[str, str]] = {"figures": {}, "days": {}, "names": {}}
    capitals_tell = language not in NOUNS_CAPITALISED
    for word, begin, end in tokenize_spans(text):
        written = text[begin:end]
        figure = read_figure(word)
        if figure is not None:
            facts["figures"].setdefault(figure, written)
        elif word in DAY_WORDS and (written[0].isupper() or not capitals_tell):
            facts["days"].setdefault(DAY_WORDS[word], written)
        elif capitals_tell and written[0].isupper():
            before = text[:begin].rstrip(" \"“”„«»'‘’([")
            if before and before[-1] not in ".!?:;—–-…\n":
                facts["names"].setdefault(word, written)
    return facts
