"""A happening that very many report in their own words: some links stand for the others."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links import score
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.reasons import compare_groups
from wirethread.embedding import HashingEncoder

DAY = datetime(2031, 3, 4, 9, tzinfo=UTC)
SYLLABLES = ("bar", "den", "fir", "gol", "lum", "mas", "nor", "rip", "sot", "tur", "kal", "vez")
TOPIC = [f"{one}{other}" for one in SYLLABLES[:4] for other in SYLLABLES]


def report(happening: str, n: int, *, seed: int, days: float = 0) -> list[StoryArticle]:
    """Reports of one happening: words of its own and of its topic, each in an order of its own."""
    chance = np.random.default_rng(seed)
    own = [f"{happening}{one}{other}" for one in SYLLABLES for other in SYLLABLES[:3]]
    return [
        StoryArticle(
            article_id=ArticleId(f"{happening}{number:03}"),
            headline=" ".join(chance.choice(own, 4)),
            text=" ".join([*chance.choice(own, 26), *chance.choice(TOPIC, 14)]),
            language="en",
            published_at=DAY + timedelta(days=days, minutes=number),
        )
        for number in range(n)
    ]


@pytest.fixture
def articles() -> list[StoryArticle]:
    return [
        *report("storm", 110, seed=1),
        *report("vote", 60, seed=2, days=0.1),
        *report("fire", 2, seed=3),
    ]


def embed(articles: list[StoryArticle]) -> np.ndarray:
    return HashingEncoder(64).encode([f"{one.headline} {one.text}" for one in articles])


def limit_links(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(score, "MOST_STRONGEST", most)


def test_links_grow_with_the_articles_and_stand_for_all_that_were_left_out(
    articles: list[StoryArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_links(monkeypatch, 1_000)
    every = score_links(articles, embed(articles))
    limit_links(monkeypatch, 8)
    some = score_links(articles, embed(articles))
    assert {one.stands_for for one in every} == {1.0}
    assert len(every) > 60 * len(articles) / 2
    assert len(some) <= 16 * len(articles)
    by_pair = {(one.left_id, one.right_id): one for one in every}
    for link in some:
        assert by_pair[link.left_id, link.right_id].score == link.score
    assert sum(one.stands_for for one in some) == pytest.approx(len(every), rel=0.05)
    # each keeps its strongest links to those before it
    latest = max(one.article_id for one in articles if one.article_id.startswith("storm"))
    own = sorted(-one.score for one in every if latest in (one.left_id, one.right_id))[:8]
    kept = [-one.score for one in some if latest in (one.left_id, one.right_id)]
    assert Counter(own) - Counter(kept) == Counter()


def test_stories_are_those_of_all_links(
    articles: list[StoryArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [one.article_id for one in articles]
    found = {}
    for most in (16, 1_000):
        limit_links(monkeypatch, most)
        found[most] = cluster_articles(ids, score_links(articles, embed(articles)))
    assert found[16] == found[1_000]
    assert sorted(map(len, found[16])) == [2, 60, 110]


def test_batches_in_the_order_of_time_make_no_difference(
    articles: list[StoryArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_links(monkeypatch, 8)
    articles = sorted(articles, key=lambda one: (str(one.published_at), one.article_id))
    at_once = score_links(articles, embed(articles))
    found = []
    for begin in range(0, len(articles), 25):
        known = articles[: begin + 25]
        is_new = np.arange(len(known)) >= begin
        found += score_links(known, embed(known), is_new)
    assert sorted(map(repr, found)) == sorted(map(repr, at_once))


def test_the_average_between_two_halves_is_told_as_all_links_have_it(
    articles: list[StoryArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    storm = [one for one in articles if one.article_id.startswith("storm")]
    halves = [one.article_id for one in storm[::2]], [one.article_id for one in storm[1::2]]
    told = {}
    for most in (8, 1_000):
        limit_links(monkeypatch, most)
        links = score_links(storm, embed(storm))
        told[most] = compare_groups(*halves, links, StorySettings())
    assert told[8].average == pytest.approx(told[1_000].average, abs=0.02)
    assert told[8].n_linked_pairs == pytest.approx(told[1_000].n_linked_pairs, rel=0.15)
    assert told[8].may_join == told[1_000].may_join
