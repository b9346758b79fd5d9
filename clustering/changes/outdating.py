"""What a newer text of an agency changed, and whether a copy still carries the older words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from wirethread.articles.normalize import tokenize_spans, tokenize_words
from wirethread.articles.spans import split_sentences
from wirethread.articles.types.articles import ArticleId, ParagraphKind
from wirethread.clustering.paragraphs.table import find_dateline_end
from wirethread.clustering.types import ArticleText

__all__ = ["Change", "OldWords", "find_changes", "find_old_words", "is_resent", "read_replacements"]

_SAME_SENTENCE = 0.5
"""Share of the words of the shorter of two sentences from which one is the other, reworded."""
_CARRIED_SENTENCE = 0.6
"""Share of a sentence's words from which a copy carries it."""
_RESENT_SHARE = 0.5
"""Share of the older body's sentences that a newer text repeats, from which it was sent again."""
_MIN_WORDS = 4
_SHOWN_RUNS = 3
_INSTEAD_OF = re.compile(
    r"(?:, ?(?:and )?not|,? (?:instead of|rather than)|, ?(?:und )?nicht|,? (?:statt|anstatt)"
    r"|,? (?:au lieu de|et non)|,? (?:en lugar de|en vez de)|, ?y no|,? (?:invece di|anziché)"
    r"|, ?e non|,? em vez de|, ?e não) +[\"'“”„«»]?(?P<wrong>[^\n.;()]{1,80})",
    re.IGNORECASE,
)
_MAX_WRONG_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A sentence of the older text, and what became of it."""

    begin: int
    end: int
    """The sentence: characters of the older text."""
    words: tuple[str, ...]
    """Its words, normalised."""
    runs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """Words and what took their place, with the word before and after; empty where it is gone."""
    old_words: str
    new_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldWords:
    """Words of an older text in a copy: `begin` to `end` there is the sentence that holds them."""

    article_id: ArticleId
    begin: int
    end: int
    change: Change


@dataclass(frozen=True, slots=True)
class _Sentence:
    begin: int
    end: int
    spans: tuple[tuple[str, int, int], ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for word, _, _ in self.spans)


def _list_sentences(article: ArticleText) -> list[_Sentence]:
    """Return the sentences of the body, without the dateline, which changes with every day."""
    found = []
    for paragraph in article.paragraphs:
        if paragraph.kind is not ParagraphKind.BODY:
            continue
        skipped = find_dateline_end(paragraph.text)
        for begin, end in split_sentences(paragraph.text, skipped):
            first = paragraph.begin + begin
            spans = tuple(
                (word, first + b, first + e)
                for word, b, e in tokenize_spans(paragraph.text[begin:end])
            )
            if len(spans) >= _MIN_WORDS:
                found.append(_Sentence(first, paragraph.begin + end, spans))
    return found


def is_resent(old: ArticleText, new: ArticleText) -> bool:
    """Whether the newer text is the older one sent again, not a note about it."""
    before, after = _list_sentences(old), _list_sentences(new)
    kept = sum(any(_overlap(known.words, two.words) >= _SAME_SENTENCE for two in after)
               for known in before)  # fmt: skip
    return bool(before) and kept >= _RESENT_SHARE * len(before)


def find_changes(old: ArticleText, new: ArticleText) -> list[Change]:
    """Return the sentences of the older text that the newer one has otherwise, or no more."""
    after = _list_sentences(new)
    present = {one.words for one in after}
    changes = []
    for sentence in _list_sentences(old):
        if sentence.words in present:
            continue
        scored = [(_overlap(sentence.words, two.words), -place) for place, two in enumerate(after)]
        share, place = max(scored, default=(0.0, 0))
        if share < _SAME_SENTENCE:
            changes.append(_take_out(sentence, old))
        elif (change := _compare(sentence, after[-place], old, new)) is not None:
            changes.append(change)
    return changes


def _overlap(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the share of the shorter list of words that stands in the other one too."""
    a, b = set(left), set(right)
    return len(a & b) / max(min(len(a), len(b)), 1)


def _slice(article: ArticleText, begin: int, end: int) -> str:
    """Return characters of an article's text, which stand in one of its paragraphs."""
    for paragraph in article.paragraphs:
        if paragraph.begin <= begin < paragraph.end:
            return paragraph.text[begin - paragraph.begin : end - paragraph.begin]
    return ""


def _take_out(sentence: _Sentence, old: ArticleText) -> Change:
    return Change(
        begin=sentence.begin,
        end=sentence.end,
        words=sentence.words,
        runs=(),
        old_words=_slice(old, sentence.begin, sentence.end),
        new_words="",
    )


def _compare(
    left: _Sentence, right: _Sentence, old: ArticleText, new: ArticleText
) -> Change | None:
    """Return what became of a sentence; None where the newer one only adds around it."""
    runs, shown_old, shown_new = [], [], []
    a, b = left.words, right.words
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "insert" and i in (0, len(a))):
            continue
        runs.append((a[max(i - 1, 0) : j + 1], b[max(k - 1, 0) : m + 1]))
        # where words were put in, what stood there before are the words around
        around = 1 if i == j else 0
        shown_old.append(_show(old, left, i - around, j + around))
        shown_new.append(_show(new, right, k - around, m + around))
    if not runs:
        return None
    return Change(
        begin=left.begin,
        end=left.end,
        words=a,
        runs=tuple(runs),
        old_words=" … ".join(one for one in shown_old[:_SHOWN_RUNS]),
        new_words=" … ".join(one for one in shown_new[:_SHOWN_RUNS] if one),
    )


def _show(article: ArticleText, sentence: _Sentence, first: int, last: int) -> str:
    """Return the words `first` to `last` of a sentence as they are written."""
    spans = sentence.spans[max(first, 0) : last]
    return _slice(article, spans[0][1], spans[-1][2]) if spans else ""


def read_replacements(old: ArticleText, notice: ArticleText) -> list[Change]:
    """Return the changes that a note states in words: `should read 21, not 12`.

    They concern the sentences of the older text that hold the words said to be wrong; as many words
    before `not` are taken for the right ones.
    """
    found = []
    for sentence in _list_sentences(old):
        for paragraph in notice.paragraphs:
            for match in _INSTEAD_OF.finditer(paragraph.text):
                change = _read_replacement(sentence, old, paragraph.text, match)
                if change is not None:
                    found.append(change)
    return found


def _read_replacement(
    sentence: _Sentence, old: ArticleText, note: str, match: re.Match[str]
) -> Change | None:
    said = tokenize_words(match["wrong"])[:_MAX_WRONG_WORDS]
    for n_words in range(len(said), 0, -1):
        wrong = tuple(said[:n_words])
        if not any(len(word) > 3 or word[0].isdigit() for word in wrong):
            continue
        place = _find_run(sentence.words, wrong)
        if place is None:
            continue
        before = tokenize_spans(note[: match.start()])[-n_words:]
        right = note[before[0][1] : before[-1][2]] if before else ""
        spans = sentence.spans
        return Change(
            begin=sentence.begin,
            end=sentence.end,
            words=sentence.words,
            runs=((wrong, tuple(tokenize_words(right))),),
            old_words=_slice(old, spans[place][1], spans[place + n_words - 1][2]),
            new_words=right,
        )
    return None


def find_old_words(
    copy: ArticleText,
    spans: Iterable[tuple[int, int, int, int]],
    changes: Sequence[Change],
) -> Iterator[OldWords]:
    """Yield the changes whose older words still stand in a copy, each once.

    `spans` are the matched passages: begin and end in the copy, begin and end in the older text.
    """
    spans = list(spans)
    sentences = _list_sentences(copy)
    for change in changes:
        places = [
            sentence
            for sentence in sentences
            if any(
                begin < sentence.end and sentence.begin < end
                for begin, end, old_begin, old_end in spans
                if old_begin < change.end and change.begin < old_end
            )
        ]
        for place in sorted(
            places, key=lambda one: (-_overlap(one.words, change.words), one.begin)
        ):
            if _carries(place.words, change):
                yield OldWords(
                    article_id=copy.article_id, begin=place.begin, end=place.end, change=change
                )
                break


def _carries(words: Sequence[str], change: Change) -> bool:
    if not change.runs:
        kept = set(change.words)
        return len(kept & set(words)) >= _CARRIED_SENTENCE * len(kept)
    if _overlap(words, change.words) < _SAME_SENTENCE:
        return False
    return any(
        _holds_part(words, before) and not _holds_part(words, after)
        for before, after in change.runs
        if before
    )


def _holds_part(words: Sequence[str], run: Sequence[str]) -> bool:
    """Whether the words hold a run, its first or its last word aside: a copy may begin there."""
    if len(run) <= 2:
        return _holds(words, run)
    return _holds(words, run[1:]) or _holds(words, run[:-1])


def _holds(words: Sequence[str], run: Sequence[str]) -> bool:
    return _find_run(words, run) is not None


def _find_run(words: Sequence[str], run: Sequence[str]) -> int | None:
    size = len(run)
    places = range(len(words) - size + 1)
    return next((i for i in places if tuple(words[i : i + size]) == tuple(run)), None)
