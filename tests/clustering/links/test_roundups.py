"""Roundups, live pages and newsletters: known by their form and content, and glueing nothing."""

from dataclasses import replace

import numpy as np
import pytest

from wirethread.articles.types.articles import (
    ArticleId,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    TextHash,
)
from wirethread.clustering.links.roundups import is_roundup, is_roundup_headline
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.reasons import explain_link
from wirethread.embedding.hashing import HashingEncoder

QUAKE = (
    "A strong earthquake shook the Verrano hills at dawn and brought down the bell tower of Ilmar, "
    "where rescuers dug through masonry for the sexton and his daughter."
)
STRIKE = (
    "Tram drivers of the Oskby depot walked out over rosters on Thursday, and commuters crowded "
    "onto ferries while the union Kettle and Rail met the transit board."
)
PARTS = (
    QUAKE,
    STRIKE,
    "The goalkeeper Petra Sandal saved two penalties as Fenwick Athletic beat Marl Rangers in sleet.",
    "Potato growers near Dunholt warn of blight after the wettest spring since their grandfathers.",
    "A violin by the maker Corvini, lost in a taxi, was handed in by a bus conductor named Ulf.",
    "Parliament voted for a levy on plastic crates, which brewers call the death of the barrel.",
)

LIVE = "Live updates: what happened on Thursday"


def make_paragraphs(texts: tuple[str, ...], marks: tuple[str, ...] = ()) -> list[Paragraph]:
    """Return body paragraphs, each after a heading where `marks` gives one."""
    rows = []
    for place, text in enumerate(texts):
        if marks:
            rows.append((ParagraphKind.HEADING, marks[place]))
        rows.append((ParagraphKind.BODY, text))
    return [
        Paragraph(
            paragraph_id=ParagraphId(f"a-{place}"),
            article_id=ArticleId("a"),
            position=place,
            kind=kind,
            text=text,
            text_hash=TextHash(place),
            begin=0,
            end=len(text),
        )
        for place, (kind, text) in enumerate(rows)
    ]


NUMBERS = ("1. Ground", "2. Rails", "3. Gloves", "4. Fields", "5. Strings", "6. Crates")
TIMES = ("18:05", "16:40", "14:10", "11:55", "09:20", "07:00")


@pytest.mark.parametrize("marks", [NUMBERS, TIMES])
def test_parts_about_different_things_under_numbers_or_times_are_a_roundup(
    marks: tuple[str, ...],
) -> None:
    assert is_roundup("Before you go to bed", make_paragraphs(PARTS, marks), "en")


def test_a_newsletter_without_headings_is_known_by_its_name_and_its_content() -> None:
    assert is_roundup("Evening letter: crates and strings", make_paragraphs(PARTS), "en")
    assert not is_roundup("Crates and strings", make_paragraphs(PARTS), "en")


def test_a_live_page_about_one_story_is_no_roundup() -> None:
    updates = tuple(
        f"In Ilmar, {what} while the Verrano earthquake kept everybody in the open."
        for what in (
            "firefighters lifted beams from the church",
            "a field kitchen opened beside the mill",
            "schools stayed shut and pupils carried blankets",
            "the prefect asked drivers to leave the road free",
            "engineers looked at the dam above the village",
            "the sexton's daughter was found alive",
        )
    )
    assert not is_roundup(
        "Live updates: earthquake in Ilmar", make_paragraphs(updates, TIMES), "en"
    )


def test_a_report_that_never_repeats_a_name_is_no_roundup_without_its_form() -> None:
    assert not is_roundup("What the night brought to Ilmar", make_paragraphs(PARTS), "en")


@pytest.mark.parametrize(
    "headline",
    [
        "Five things to know tonight",
        "Thursday as it happened: trams and crates",
        "Corrections and clarifications",
        "Das Wichtigste am Abend",
        "Newsblog: Alle Meldungen",
        "L’essentiel de l’actualité",
        "La jornada, minuto a minuto",
        "Главное к вечеру",
        "今日要闻",
        "今日のニュースまとめ",
        "موجز الأخبار",
    ],
)
def test_headlines_of_roundups_are_known_in_many_languages(headline: str) -> None:
    assert is_roundup_headline(headline)


@pytest.mark.parametrize(
    "headline",
    ["Tram drivers walk out in Oskby", "How we live now", "Brewers fight levy on crates"],
)
def test_a_plain_headline_is_none_of_a_roundup(headline: str) -> None:
    assert not is_roundup_headline(headline)


def test_few_or_short_parts_say_nothing() -> None:
    assert is_roundup(LIVE, make_paragraphs(PARTS), "en")
    assert not is_roundup(LIVE, make_paragraphs(PARTS[:4]), "en")
    short = ("Rain.", "Sun.", "Hail.", "Snow.", "Fog.", "Wind.")
    assert not is_roundup(LIVE, make_paragraphs(short), "en")


def make_article(name: str, text: str, *, is_roundup: bool = False) -> StoryArticle:
    return StoryArticle(
        article_id=ArticleId(name),
        headline=text[:50],
        text=text,
        language="en",
        is_roundup=is_roundup,
    )


def cluster(articles: list[StoryArticle]) -> set[frozenset[ArticleId]]:
    vectors = HashingEncoder().encode([one.text for one in articles])
    links = score_links(articles, vectors)
    return {frozenset(one) for one in cluster_articles([a.article_id for a in articles], links)}


@pytest.mark.parametrize("n_roundups", [1, 3])
def test_roundups_never_change_the_stories_of_the_others(n_roundups: int) -> None:
    stories = [
        make_article(f"{name}{number}", f"{text} {more}")
        for name, text in (("quake", QUAKE), ("strike", STRIKE))
        for number, more in enumerate(("It is cold.", "More will follow.", "Nobody slept."))
    ]
    without = cluster(stories)
    assert {len(one) for one in without} == {3}
    roundups = [
        make_article(f"roundup{number}", f"{QUAKE} {STRIKE} {part}", is_roundup=True)
        for number, part in enumerate(PARTS[2 : 2 + n_roundups])
    ]
    together = cluster([*stories, *roundups])
    named = {one.article_id for one in roundups}
    assert {one - named for one in together} - {frozenset()} == without


def test_two_copies_of_one_roundup_are_kept_together() -> None:
    text = " ".join(PARTS)
    copies = [make_article(name, text, is_roundup=True) for name in ("one", "two")]
    assert cluster(copies) == {frozenset({ArticleId("one"), ArticleId("two")})}


def test_the_reason_says_that_a_roundup_is_not_linked() -> None:
    left, right = make_article("a", QUAKE), make_article("b", QUAKE, is_roundup=True)
    vectors = np.asarray(HashingEncoder().encode([QUAKE, QUAKE]))
    found = explain_link(left, right, vectors, settings=StorySettings())
    assert "one of them tells of several things at once" in found.verdict
    plain = explain_link(left, replace(right, is_roundup=False), vectors)
    assert plain.score == found.score > plain.threshold
