"""How well a passage answers: words, their order, and meaning."""

import numpy as np
import pytest

from wirethread.passage_scores import (
    lean_on_nearest,
    measure_share,
    score_passage,
    score_words,
    tell_said,
)

WEIGHTS = {"lemons": 6.0, "under": 2.0, "the": 0.5, "arch": 5.0}
QUESTION = ["lemons", "under", "the", "arch"]


def say(text: str) -> float:
    return score_words(QUESTION, text.split(), WEIGHTS)


def test_words_in_their_order_answer_before_the_same_words_anywhere() -> None:
    quoted = say("a lorry lost its lemons under the arch at noon and nobody was hurt")
    scattered = say("the arch is closed because lemons lie under the wheels of a lorry")
    assert quoted == pytest.approx(0.99)
    assert scattered == pytest.approx(0.9)


def test_half_of_the_words_say_little() -> None:
    assert say("the arch was painted in spring and looks like new to all who pass") < 0.15


def test_a_passage_that_is_hardly_more_than_the_words_says_less() -> None:
    assert say("arch lemons the under") < say("arch lemons the under and the town laughed for days")


def test_nothing_is_answered_by_nothing() -> None:
    assert score_words([], ["a"], {}) == score_words(["a"], [], {"a": 1.0}) == 0.0
    assert score_passage(0.0, None) == 0.0


def test_meaning_alone_can_answer_and_words_add_to_it() -> None:
    assert score_passage(0.0, 0.7) > 0.85
    assert score_passage(0.0, 0.3) < 0.1
    assert score_passage(0.5, 0.52) == pytest.approx(0.75)


def test_an_article_about_it_speaks_for_its_paragraphs() -> None:
    assert score_passage(0.0, 0.5, 0.6) > score_passage(0.0, 0.5, 0.25) > score_passage(0.0, 0.5)


def test_a_question_that_a_passage_says_orders_the_others_by_its_words() -> None:
    shares = [measure_share(text.split(), WEIGHTS) for text in ("lemons under the arch", "arch")]
    assert shares == pytest.approx([1.0, 5.0 / 13.5])
    said = tell_said(shares)
    assert said == 1.0
    namesake, meant = score_passage(0.0, 0.60), score_passage(0.0, 0.55, said_share=0.5 * said)
    assert meant > namesake
    assert tell_said([0.5, 0.1]) == pytest.approx(0.0625)
    assert tell_said([]) == 0.0


def test_passages_nearest_to_a_question_that_none_says_speak_for_it() -> None:
    # nine on one matter, and one that shares a turn of phrase with the question alone
    matter = np.array([0.6, 0.8, 0.0])
    vectors = np.array([*[matter] * 9, [0.62, 0.0, (1 - 0.62**2) ** 0.5]], dtype=np.float32)
    question = np.array([1.0, 0.0, 0.0])
    similarity = vectors @ question
    assert similarity.argmax() == 9
    leaning = lean_on_nearest(similarity, np.zeros(10), vectors, 0.0)
    assert leaning.argmax() != 9
    np.testing.assert_array_equal(
        lean_on_nearest(similarity, np.zeros(10), vectors, 1.0), similarity
    )
    assert len(lean_on_nearest(np.empty(0), np.empty(0), vectors[:0], 0.0)) == 0
