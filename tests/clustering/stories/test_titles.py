"""Titles: the happening, not the outlet, the tag or the live page."""

import pytest

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.stories.identity import choose_title
from wirethread.clustering.stories.titles import clean_title


@pytest.mark.parametrize(
    ("headline", "title"),
    [
        ("UPDATE 1-Ferry sinks off Talmora", "Ferry sinks off Talmora"),
        ("CORRECTED-UPDATE 2-Ferry sinks off Talmora", "Ferry sinks off Talmora"),
        ("Ferry sinks off Talmora | CNN", "Ferry sinks off Talmora"),
        ("Ferry sinks off Talmora - BBC News", "Ferry sinks off Talmora"),
        ("Ferry sinks off Talmora – live updates | The Harbour Post", "Ferry sinks off Talmora"),
        ("Live updates: Ferry sinks off Talmora", "Ferry sinks off Talmora"),
        ("Ferry sinking live updates", "Ferry sinking"),
        ("Fähre vor Talmora gesunken – Liveticker", "Fähre vor Talmora gesunken"),
        ("Fähre vor Talmora gesunken - tagesschau.de", "Fähre vor Talmora gesunken"),
        ("塔尔莫拉渡轮沉没 - 海港新闻", "塔尔莫拉渡轮沉没"),
        ("  Ferry   sinks\noff Talmora ", "Ferry sinks off Talmora"),
    ],
)
def test_a_title_is_the_headline_without_outlet_tag_and_live_sign(
    headline: str, title: str
) -> None:
    assert clean_title(headline) == title


@pytest.mark.parametrize(
    "headline",
    [
        "Talmora 2 - Verrick 1",
        "Harkov wins - again",
        "Where the living is easy, people live longer",
        "Band to play live",
        "Live updates",
        "CNN",
        "Talks fail - ministers go home without a deal",
    ],
)
def test_what_belongs_to_the_happening_stays(headline: str) -> None:
    assert clean_title(headline) == headline


def test_a_cluster_is_titled_without_its_outlet() -> None:
    first, second = ArticleId("a"), ArticleId("b")
    headlines = {first: "UPDATE 3-Quake hits Talmora | CNN", second: "A quake"}
    assert choose_title([first, second], {first: 2.0, second: 1.0}, headlines) == (
        "Quake hits Talmora"
    )
