"""How well a passage answers: words, their order, and meaning."""

import pytest

from wirethread.passage_scores import score_passage, score_words

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
