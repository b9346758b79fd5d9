"""Body paragraphs of many articles as flat arrays: words, offsets, vectors, times."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.normalize import tokenize_spans
from wirethread.articles.types.articles import ParagraphKind
from wirethread.clustering.paragraphs.vocabulary import Vocabulary
from wirethread.clustering.types import ArticleText, VectorTable

__all__ = [
    "N_CHARACTERS",
    "ParagraphTable",
    "build_paragraph_table",
    "find_dateline_end",
    "to_days",
]

# An opening such as `LONDON, Jan 5 (Reuters) - ` or `Cairo (AFP) - `: it says where and who, and is
# not part of the copied words. The place is in capitals, or at most three words long.
# Each part is bounded: a picture written out in letters is one word of any length.
_DATELINE = re.compile(
    r"^\s*(?:[^\W\d_a-z]{2,60}[^()\n]{0,70}"
    r"|(?:[^\s(),.!?]{1,40}[ ,]{1,4}){0,2}(?:[^\s(),.!?]{1,40}[ ,]{0,4})?)"
    r"\([^\W\d_][^()\n]{1,39}\)\s*[-–—]+\s+"
)
_UNKNOWN_DAY = np.nan
N_CHARACTERS = 0x110000
"""Of Unicode: so many words `code_words` can tell apart."""


@dataclass(frozen=True, slots=True)
class ParagraphTable:
    """Paragraph i has words `word_ids[starts[i]:starts[i+1]]` at those begin/end offsets.

    Paragraphs stand in article order, articles in the order given. Offsets are characters of the
    article's text.
    """

    articles: Sequence[ArticleText]
    article_of: npt.NDArray[np.int64]
    """Index of the article, ascending; int64[p]."""
    article_starts: npt.NDArray[np.int64]
    """Paragraphs of article a are `article_starts[a]:article_starts[a+1]`; int64[a+1]."""
    positions: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    word_ids: npt.NDArray[np.int64]
    word_begins: npt.NDArray[np.int64]
    word_ends: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    """First character of the paragraph after its dateline; int64[p]."""
    ends: npt.NDArray[np.int64]
    text_hashes: npt.NDArray[np.int64]
    texts: Sequence[str]
    """The paragraph's text without its dateline, so that `texts[i]` starts at `begins[i]`."""
    words: Sequence[str]
    """The distinct words; `words[word_ids[t]]` is word t."""
    vocabulary: Vocabulary
    """The same words with their stems, figures and rarities."""
    word_hashes: npt.NDArray[np.uint64]
    """xxh3 of each distinct word."""
    vectors: npt.NDArray[np.float32] | None
    """One row per paragraph, zero where no vector is known."""
    days: npt.NDArray[np.float64]
    """Publication time per article in days since 1970, NaN where unknown."""

    def code_words(self, paragraph: int) -> str:
        """The paragraph's words as a string of one character per word, for fast alignment."""
        ids = self.word_ids[self.starts[paragraph] : self.starts[paragraph + 1]] % N_CHARACTERS
        return ids.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def find_dateline_end(text: str) -> int:
    """Length of the dateline a paragraph opens with, 0 where there is none."""
    found = _DATELINE.match(text)
    return found.end() if found else 0


def to_days(moment: datetime | None) -> float:
    """Days since 1970, NaN for an unknown time."""
    return _UNKNOWN_DAY if moment is None else moment.timestamp() / 86_400


def build_paragraph_table(
    articles: Sequence[ArticleText], vectors: VectorTable | None, *, min_words: int
) -> ParagraphTable:
    """Tokenise the body paragraphs that have at least `min_words` words."""
    number_of: defaultdict[str, int] = defaultdict()
    number_of.default_factory = number_of.__len__
    article_of: list[int] = []
    positions: list[int] = []
    lengths: list[int] = []
    begins: list[int] = []
    ends: list[int] = []
    hashes: list[int] = []
    texts: list[str] = []
    word_ids: list[int] = []
    word_begins: list[int] = []
    word_ends: list[int] = []
    for index, article in enumerate(articles):
        for paragraph in article.paragraphs:
            if paragraph.kind is not ParagraphKind.BODY:
                continue
            offset = find_dateline_end(paragraph.text)
            text = paragraph.text[offset:]
            tokens = tokenize_spans(text)
            if len(tokens) < min_words:
                continue
            base = paragraph.begin + offset
            article_of.append(index)
            positions.append(paragraph.position)
            lengths.append(len(tokens))
            begins.append(base)
            ends.append(paragraph.end)
            hashes.append(paragraph.text_hash)
            texts.append(text)
            spoken, word_from, word_to = zip(*tokens, strict=True) if tokens else ((), (), ())
            word_ids.extend(map(number_of.__getitem__, spoken))
            word_begins.extend(word_from)
            word_ends.extend(word_to)
    owner = np.array(article_of, dtype=np.int64)
    bases = np.repeat(np.array(begins, dtype=np.int64), np.array(lengths, dtype=np.int64))
    text_hashes = np.array(hashes, dtype=np.int64)
    words = list(number_of)
    return ParagraphTable(
        articles=articles,
        article_of=owner,
        article_starts=np.searchsorted(owner, np.arange(len(articles) + 1)).astype(np.int64),
        positions=np.array(positions, dtype=np.int64),
        starts=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        word_ids=np.array(word_ids, dtype=np.int64),
        word_begins=np.array(word_begins, dtype=np.int64) + bases,
        word_ends=np.array(word_ends, dtype=np.int64) + bases,
        begins=np.array(begins, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
        text_hashes=text_hashes,
        texts=texts,
        words=words,
        vocabulary=Vocabulary(words),
        word_hashes=np.array(
            [xxhash.xxh3_64_intdigest(word.encode()) for word in words], dtype=np.uint64
        ),
        vectors=None if vectors is None else _look_up(vectors, text_hashes),
        days=np.array([to_days(article.published_at) for article in articles], dtype=np.float64),
    )


def _look_up(table: VectorTable, hashes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    rows = np.zeros((len(hashes), table.vectors.shape[1]), dtype=np.float32)
    if not len(table.hashes):
        return rows
    at = np.minimum(np.searchsorted(table.hashes, hashes), len(table.hashes) - 1)
    known = table.hashes[at] == hashes
    rows[known] = table.vectors[at[known]]
    return rows
