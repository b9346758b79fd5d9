"""Names and figures of a text, found by their form and rarity, not by a list of any language.

Where a script has capitals, a name is a run of capitalised words of which at least one is rare in
the news at large; this also fits German, where every noun is capitalised. Elsewhere a name is a
rare word, or a rare pair of neighbouring characters.
"""

import collections
import re
from collections.abc import Iterable, Sequence

from articles.normalize import tokenize_words
from clustering.background import document_shares
from clustering.terms import pair_characters

__all__ = ["characteristic_names", "characteristic_numbers"]

_RARE_SHARE = 1 / 100
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’.\-][^\W_]+)*")
_RUN_JOIN = re.compile(r"[ \u00a0]|\. ")
_FIGURE = re.compile(r"(?<![\w.,:])\d+(?:[.,:]\d+)*%?(?![\w])")
_POSSESSIVE = re.compile(r"['’ʼ][sS]$")
_SENTENCE_END = re.compile(r"[.!?:;“”\"\n]\s*$")


def characteristic_names(
    texts: Sequence[str], language: str | None, limit: int = 8
) -> tuple[str, ...]:
    """Return the names that stand in most of the texts, weighted by rarity, strongest first."""
    counts: collections.Counter[str] = collections.Counter()
    spelling: dict[str, collections.Counter[str]] = {}
    for text in texts:
        found = {name.casefold(): name for name in _find_runs(text)} or {
            word: word for word in pair_characters(tokenize_words(text))
        }
        counts.update(found.keys())
        for key, name in found.items():
            spelling.setdefault(key, collections.Counter())[name] += 1
    keys = sorted(counts)
    rarity = dict(zip(keys, _rarest_words(keys, language), strict=True))
    minimum = 2 if len(texts) > 2 else 1
    ranked = sorted(
        (key for key in keys if rarity[key] <= _RARE_SHARE and counts[key] >= minimum),
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
        counts.update({figure for figure in _FIGURE.findall(text) if len(figure) > 1})
    minimum = 2 if len(texts) > 2 else 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    return tuple(figure for figure, count in ranked[:limit] if count >= minimum)


def _find_runs(text: str) -> Iterable[str]:
    """Yield runs of capitalised words that do not merely begin a sentence."""
    run: list[str] = []
    run_end, run_is_first = -1, False
    for match in _WORD.finditer(text):
        word = _POSSESSIVE.sub("", match[0])
        if not word[0].isupper():
            continue
        is_first = match.start() == 0 or bool(
            _SENTENCE_END.search(text[max(0, match.start() - 4) : match.start()])
        )
        if run and _RUN_JOIN.fullmatch(text[run_end : match.start()]) and not is_first:
            run.append(word)
        else:
            if run and not (run_is_first and len(run) == 1):
                yield " ".join(run)
            run, run_is_first = [word], is_first
        run_end = match.end()
    if run and not (run_is_first and len(run) == 1):
        yield " ".join(run)


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
