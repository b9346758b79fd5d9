"""The words an article opens with: what story clusters are embedded on."""

from collections.abc import Iterable

from wirethread.articles.types.articles import Paragraph, ParagraphKind

__all__ = ["compose_opening"]


def compose_opening(headline: str, paragraphs: Iterable[Paragraph], n_words: int = 60) -> str:
    """Return the headline and the first `n_words` words of the body, as one line.

    Words are divided at white space; a text without spaces counts six characters as a word, so
    that a Chinese or Thai opening is bounded too.
    """
    words: list[str] = []
    for paragraph in paragraphs:
        if paragraph.kind is not ParagraphKind.BODY:
            continue
        for word in paragraph.text.split():
            words.extend([word] if len(word) <= 60 else _cut_word(word))
        if len(words) >= n_words:
            break
    title = " ".join(headline.split())
    if title and words and title[-1] not in ".!?:;…。！？":
        title += "."
    return " ".join(part for part in (title, " ".join(words[:n_words])) if part)


def _cut_word(word: str) -> list[str]:
    return [word[begin : begin + 6] for begin in range(0, len(word), 6)]
