from hypothesis import given
from hypothesis import strategies as st

from wirethread.articles.normalize import tokenize_spans
from wirethread.clustering.paragraphs.alignment import align_words
from wirethread.clustering.paragraphs.differences import mark_differences
from wirethread.clustering.paragraphs.quote_marks import mark_quoted

WORDS = st.text("abcde", max_size=30)


def quoted_words(text: str) -> list[str]:
    tokens = tokenize_spans(text)
    marks = mark_quoted(text, [begin for _, begin, _ in tokens])
    return [word for (word, _, _), is_quoted in zip(tokens, marks, strict=True) if is_quoted]


@given(WORDS, WORDS)
def test_blocks_are_equal_words_that_are_used_once(left: str, right: str) -> None:
    alignment = align_words(left, right)
    on_left = [i for b in alignment.blocks for i in range(b.left, b.left + b.n_words)]
    on_right = [i for b in alignment.blocks for i in range(b.right, b.right + b.n_words)]
    assert [left[i] for i in on_left] == [right[i] for i in on_right]
    assert len(set(on_left)) == len(on_left)
    assert len(set(on_right)) == len(on_right)


@given(WORDS)
def test_a_text_aligns_with_itself_in_one_block(text: str) -> None:
    alignment = align_words(text, text)
    assert alignment.n_matched == len(text)
    assert len(alignment.blocks) <= 1


def test_a_moved_clause_is_found() -> None:
    alignment = align_words("abcdefghXYZ", "XYZabcdefgh")
    assert alignment.n_matched == 11
    assert [(b.left, b.right, b.n_words) for b in alignment.blocks if b.is_moved] == [(8, 0, 3)]


def test_differences_show_what_is_equal_moved_and_on_one_side() -> None:
    pieces = mark_differences(
        "An old ship sank at noon, the harbour master said.",
        "the harbour master told us that an old ship sank at midnight",
    )
    assert [(piece.kind, piece.left, piece.right) for piece in pieces] == [
        ("right", "", "told us that"),
        ("equal", "An old ship sank at", "an old ship sank at"),
        ("left", "noon", ""),
        ("moved", "the harbour master", "the harbour master"),
        ("left", "said", ""),
        ("right", "", "midnight"),
    ]


def test_quotations_are_read_in_every_style() -> None:
    assert quoted_words("“We go,” he said.") == ["we", "go"]
    assert quoted_words('He said: "We don\'t go." Then left.') == ["we", "don't", "go"]
    assert quoted_words("‘It isn’t so,’ he said of the states’ rights") == ["it", "isn't", "so"]
    assert quoted_words("Er sagte: „Wir gehen“ und ging") == ["wir", "gehen"]
    assert quoted_words("Il dit : « Nous allons » et part") == ["nous", "allons"]
    assert quoted_words("»Gehen« sagte er") == ["gehen"]
    assert quoted_words("plain '90s text") == []


def test_an_open_quotation_goes_on_and_a_post_is_quoted_whole() -> None:
    assert quoted_words("He said: “We go. We stay.") == ["we", "go", "we", "stay"]
    assert quoted_words("We go now. — A Person (@person) May 1") == tokens(
        "We go now. — A Person (@person) May 1"
    )


def tokens(text: str) -> list[str]:
    return [word for word, _, _ in tokenize_spans(text)]
