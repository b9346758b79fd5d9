"""Words that were counted once are not counted again, and nobody can tell."""

from dataclasses import replace

import numpy as np
import pytest

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links import term_counts
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle

HARBOUR = StoryArticle(
    article_id=ArticleId("a"),
    headline="Harbour closed",
    text="The harbour of Velmora was closed. The harbour stayed closed on Sunday.",
    language="en",
    published_at=None,
)
HAVEN = replace(HARBOUR, article_id=ArticleId("b"), language="nl", text="De haven bleef dicht.")


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> term_counts._Counted:
    fresh = term_counts._Counted()
    monkeypatch.setattr(term_counts, "_COUNTED", fresh)
    return fresh


def test_a_word_of_headline_and_opening_counts_three_times() -> None:
    found = term_counts.count_all_terms([HARBOUR])
    counts = {
        found.words[number]: count
        for number, count in zip(found.numbers.tolist(), found.counts.tolist(), strict=True)
    }
    assert counts["harbour", "en"] == 2 * 3 + 3
    assert counts["sunday", "en"] == 3
    assert found.starts.tolist() == [0, len(counts)]


def test_weights_are_the_same_when_words_were_counted_before() -> None:
    first = weigh_terms([HARBOUR, HAVEN])
    weigh_terms([HAVEN])
    again = weigh_terms([HARBOUR, HAVEN])
    assert again.words == first.words
    np.testing.assert_array_equal(again.weights.toarray(), first.weights.toarray())
    turned = weigh_terms([HAVEN, HARBOUR])
    at = [turned.words.index(word) for word in first.words]
    np.testing.assert_array_equal(turned.weights.toarray()[::-1][:, at], first.weights.toarray())


def test_another_text_under_the_same_id_is_counted_anew() -> None:
    weigh_terms([HARBOUR])
    assert "sunday" in weigh_terms([HARBOUR]).words
    assert "sunday" not in weigh_terms([replace(HARBOUR, text="The harbour opened.")]).words


@pytest.mark.parametrize("limit", ["_MOST_ARTICLES", "_MOST_WORDS"])
def test_beyond_the_limit_all_is_forgotten(
    limit: str, counted: term_counts._Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = term_counts.count_all_terms([HARBOUR])
    monkeypatch.setattr(term_counts, limit, 1)
    term_counts.count_all_terms([HAVEN])
    assert {language for _, language in counted.words} == {"nl"}
    assert ("sunday", "en") in first.words
