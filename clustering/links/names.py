"""Names and figures of a text, found by their form and rarity, not by a list of any language.

Where a script has capitals, a name is a run of capitalised words of which at least one is rare in
the news at large; this also fits German, where every noun is capitalised. Elsewhere a name is a
rare word, or a rare pair of neighbouring characters. A word that merely opens a sentence ("At
Lakeline") and a form of address ("Dear Mrs Astley") are no part of a name.
"""

import collections
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wirethread.articles.normalize import tokenize_words
from wirethread.clustering.background import document_shares
from wirethread.clustering.links.figures import fold_digits
from wirethread.clustering.links.term_counts import pair_characters

__all__ = ["characteristic_names", "characteristic_numbers"]

_RARE_SHARE = 1 / 100
_FUNCTION_SHARE = 0.55
"""Words that more documents than this hold never begin a name where they open a sentence."""
_ADDRESSES = frozenset(
    [
        "dear",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "sir",
        "madam",
        "mister",
        "herr",
        "frau",
        "señor",
        "señora",
        "sr",
        "sra",
        "monsieur",
        "madame",
        "mme",
        "mlle",
        "signor",
        "signora",
        "senhor",
        "senhora",
        "pan",
        "pani",
        "г-н",
        "г-жа",
        "господин",
        "госпожа",
        "уважаемый",
        "уважаемая",
    ]
)
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’.\-][^\W_]+)*")
_RUN_JOIN = re.compile(r"[ \u00a0]|\. ")
_FIGURE = re.compile(r"(?<![.,:])(?<![^\W\u0e00-\uffff])\d+(?:[.,:]\d+)*%?(?![^\W\u0e00-\uffff])")
_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_POSSESSIVE = re.compile(r"['’ʼ][sS]$")
_SENTENCE_END = re.compile(r"[.!?:;…“”„«»¿¡\"\n]\s*$")


def characteristic_names(
    texts: Sequence[str],
    language: str | None,
    limit: int = 8,
    outlets: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Return the names that stand in most of the texts, weighted by rarity, strongest first.

    Where the texts are of three `outlets` and more, a name must stand in those of two: what one of
    them alone prints again and again is a label of its page.
    """
    counts: collections.Counter[str] = collections.Counter()
    spelling: dict[str, collections.Counter[str]] = {}
    small: set[str] = set()
    runs = [list(_find_runs(text, small)) for text in texts]
    is_opener = _find_openers(runs, small, language)
    printed_by: dict[str, set[str]] = {}
    owners = outlets or [""] * len(texts)
    for text, found_runs, outlet in zip(texts, runs, owners, strict=True):
        names = [name for run in found_runs if (name := _spell_name(run, is_opener))]
        found = {name.casefold(): name for name in names} or {
            word: word for word in _list_caseless(text)
        }
        counts.update(found.keys())
        for key, name in found.items():
            spelling.setdefault(key, collections.Counter())[name] += 1
            printed_by.setdefault(key, set()).add(outlet)
    keys = sorted(counts)
    rarity = dict(zip(keys, _rarest_words(keys, language), strict=True))
    minimum = 2 if len(texts) > 2 else 1
    n_owners = 2 if len(set(owners)) > 2 else 1
    ranked = sorted(
        (
            key
            for key in keys
            if rarity[key] <= _RARE_SHARE
            and counts[key] >= minimum
            and len(printed_by[key]) >= n_owners
        ),
        key=lambda key: (-counts[key], rarity[key], key),
    )
    chosen: list[str] = []
    for key in ranked:
        if not any(_is_part(key, other) for other in chosen):
            chosen = [other for other in chosen if not _is_part(other, key)]
            chosen.append(key)
        if len(chosen) == limit:
            break
    return tuple(
        min(spelling[key].items(), key=lambda item: (-item[1], item[0]))[0] for key in chosen
    )


def characteristic_numbers(texts: Sequence[str], limit: int = 5) -> tuple[str, ...]:
    """Return the figures of more than one digit that stand in most of the texts."""
    counts: collections.Counter[str] = collections.Counter()
    for text in texts:
        counts.update({figure for figure in _FIGURE.findall(fold_digits(text)) if len(figure) > 1})
    minimum = 2 if len(texts) > 2 else 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    return tuple(figure for figure, count in ranked[:limit] if count >= minimum)


def _list_caseless(text: str) -> list[str]:
    """Return the words of a text without capitals; pairs of neighbours where none are spaced.

    Hiragana write the grammar of Japanese, not its names.
    """
    words = tokenize_words(text)
    spaced = [word for word in words if len(word) > 1 and word.isalpha() and not word.islower()]
    pairs = [pair for pair in pair_characters(words) if not _HIRAGANA.search(pair)]
    return spaced + pairs


@dataclass(frozen=True, slots=True)
class _Run:
    words: list[str]
    opens_sentence: bool


def _find_runs(text: str, small: set[str]) -> Iterator[_Run]:
    """Yield runs of capitalised words; the others are put into `small`."""
    run: list[str] = []
    run_end, run_is_first = -1, False
    for match in _WORD.finditer(text):
        word = match[0]
        if not word[0].isupper():
            small.add(word)
            continue
        if word[-1] in "sS":
            word = _POSSESSIVE.sub("", word)
        is_first = match.start() == 0 or bool(
            _SENTENCE_END.search(text[max(0, match.start() - 4) : match.start()])
        )
        after_address = bool(run) and run[-1].casefold() in _ADDRESSES
        if (
            run
            and _RUN_JOIN.fullmatch(text[run_end : match.start()])
            and (after_address or not is_first)
        ):
            run.append(word)
        else:
            if run:
                yield _Run(run, run_is_first)
            run, run_is_first = [word], is_first
        run_end = match.end()
    if run:
        yield _Run(run, run_is_first)


def _find_openers(
    runs: Sequence[Sequence[_Run]], small: set[str], language: str | None
) -> Callable[[str, str], bool]:
    """Return what says whether a word merely opens a sentence before the word that follows it.

    Words that nearly every text holds do; so do others that the texts also write small, unless the
    two stand together inside a sentence too, as "New York" does.
    """
    first = sorted(
        {run.words[0] for found in runs for run in found if run.opens_sentence and run.words[1:]}
    )
    if not first:
        return lambda _word, _following: False
    keys = [word.casefold() for word in first]
    share_of = dict(zip(keys, document_shares(keys, language).tolist(), strict=True))
    doubtful = {key for key in keys if _RARE_SHARE < share_of[key] < _FUNCTION_SHARE}
    also_small = doubtful & small
    together = {
        (left.casefold(), right)
        for found in runs
        for run in found
        for left, right in pairwise(run.words[run.opens_sentence :])
    }

    def is_opener(word: str, following: str) -> bool:
        key = word.casefold()
        if share_of.get(key, 0.0) >= _FUNCTION_SHARE:
            return True
        return key in also_small and (key, following) not in together

    return is_opener


def _spell_name(run: _Run, is_opener: Callable[[str, str], bool]) -> str:
    """Return the name in a run of capitals, or nothing where it merely begins a sentence."""
    words = run.words
    if run.opens_sentence and (len(words) == 1 or is_opener(words[0], words[1])):
        words = words[1:]
    while words and words[0].casefold() in _ADDRESSES:
        words = words[1:]
    return " ".join(words)


def _rarest_words(keys: Sequence[str], language: str | None) -> list[float]:
    words = [tokenize_words(key) or [key] for key in keys]
    words = [
        ["".join(found)] if len(found) == 2 and all(len(w) == 1 for w in found) else found
        for found in words
    ]
    flat = sorted({word for found in words for word in found})
    shares = dict(zip(flat, document_shares(flat, language).tolist(), strict=True)) if flat else {}
    return [min(shares[word] for word in found) for found in words]


def _is_part(one: str, other: str) -> bool:
    return f" {one} " in f" {other} "
