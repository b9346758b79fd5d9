"""Standing text that shows itself as such only under several reports."""

import numpy as np

from tests.clustering.writing import GARDEN, HARBOUR, embed_words, write_article
from wirethread.articles.types.articles import PassageMatch
from wirethread.articles.types.copy import Passage
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.standing import (
    dismiss_standing,
    find_departed,
    find_unrelated,
)
from wirethread.clustering.types import ArticleText

TAIL = [
    "Old Ferrin knows the hills of Tarnmoor by heart, and his almanac has been right since 1911.",
    "Ferrin's almanac of the moon and the tides of Tarnmoor costs two crowns at the Ullby kiosk.",
]
QUARRY = [
    "Masons in Lower Ketteridge downed their chisels over a contract that pays them by the slab.",
    "The quarry's owner, Balthasar Pock, offered them granite instead of wages until the autumn.",
]


def match_and_join(*articles: ArticleText) -> tuple[list[PassageMatch], list[Passage]]:
    everything = np.ones(len(articles), dtype=bool)
    found = match_passages(articles, embed_words(articles), everything, MatchSettings())
    matches = [match for match in found if match.is_match]
    return matches, join_passages(matches, articles)


def pairs_of(matches: list[PassageMatch]) -> set[tuple[str, str]]:
    return {(match.left_article_id, match.right_article_id) for match in matches}


def test_closing_lines_under_reports_of_three_matters_are_standing_text() -> None:
    articles = [
        write_article("a", [*HARBOUR, *TAIL]),
        write_article("b", [*GARDEN, *TAIL], outlet="Garden Post"),
        write_article("c", [*QUARRY, *TAIL], outlet="Quarry Post"),
    ]
    matches, passages = match_and_join(*articles)
    assert pairs_of(matches) == {("a", "b"), ("a", "c"), ("b", "c")}
    by_id = {article.article_id: article for article in articles}
    _, dismissed = dismiss_standing(matches, passages, by_id)
    assert len(dismissed) == len(matches)
    assert not any(match.is_match for match in dismissed)
    assert dismissed[0].reason == "standing text: in 3 articles on 3 unrelated matters"
    departed = find_departed(passages, dismissed)
    assert set(departed) == {passage.passage_id for passage in passages}


def test_who_copied_the_report_copied_its_closing_lines_with_it() -> None:
    articles = [
        write_article("a", [*HARBOUR, *TAIL]),
        write_article("b", [*HARBOUR, *TAIL], outlet="Harbour Post"),
        write_article("c", [*QUARRY, *TAIL], outlet="Quarry Post"),
        write_article("d", [*QUARRY, *TAIL], outlet="Stone Post"),
    ]
    matches, passages = match_and_join(*articles)
    _, dismissed = dismiss_standing(matches, passages, {a.article_id: a for a in articles})
    assert pairs_of(dismissed) == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}


def test_an_article_in_many_places_is_no_standing_text() -> None:
    articles = [
        write_article(name, [*HARBOUR, *TAIL], outlet=f"Post of {name}") for name in "abcdef"
    ]
    _, passages = match_and_join(*articles)
    assert find_unrelated(passages, {a.article_id: a for a in articles}) == {}


def test_an_agencys_paragraph_in_papers_on_this_and_that_stays_the_agencys() -> None:
    articles = [
        write_article("a", [*HARBOUR, *TAIL], outlet="Reuters", agency="Reuters"),
        write_article("b", [*GARDEN, *TAIL], outlet="Garden Post"),
        write_article("c", [*QUARRY, *TAIL], outlet="Quarry Post"),
    ]
    _, passages = match_and_join(*articles)
    assert find_unrelated(passages, {a.article_id: a for a in articles}) == {}


def test_two_articles_alone_may_be_original_and_copy() -> None:
    articles = [
        write_article("a", [*HARBOUR, *TAIL]),
        write_article("b", [*GARDEN, *TAIL], outlet="Garden Post"),
    ]
    _, passages = match_and_join(*articles)
    assert find_unrelated(passages, {a.article_id: a for a in articles}) == {}
