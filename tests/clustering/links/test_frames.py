"""Sentences that two texts share: copy, a template filled twice, or standing text."""

import numpy as np

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links.frames import measure_beside_frames
from wirethread.clustering.links.score import score_links
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle

TIDE = (
    "High water at {} is expected at {} on Friday, with a level of {} metres above datum.\n"
    "Boats should keep clear of the eastern mole. The harbour office answers from {} o'clock."
)
BLURB = (
    "The Ostra Fund pays for reporting on schools and farms at nine papers of the Tarwin coast."
    " Gifts to the Ostra Fund are matched until the end of the year."
)
SCHOOL = "The school of Mellow Bay will close in June because only eleven pupils are left there."
GOATS = "Two hundred goats walked onto the runway at Pellin and held up the mail plane for hours."


def compare(first: str, second: str) -> float:
    texts = [first, second]
    articles = [
        StoryArticle(article_id=ArticleId(f"a{place}"), headline="", text=text)
        for place, text in enumerate(texts)
    ]
    pair = np.array([0]), np.array([1])
    return float(measure_beside_frames(articles, weigh_terms(articles), *pair)[0])


def test_a_template_filled_twice_has_nothing_in_common() -> None:
    first = TIDE.format("Mellow Bay", "06:20", "3.14", "7")
    assert compare(first, TIDE.format("Pellin", "07:45", "2.89", "8")) == 0.0
    assert compare(first, TIDE.format("Mellow Bay", "18:55", "2.71", "9")) == 0.0


def test_one_instance_of_a_template_in_two_papers_is_copy() -> None:
    first = TIDE.format("Mellow Bay", "06:20", "3.14", "7")
    assert np.isnan(compare(first, first))
    assert np.isnan(compare(first, f"{first}\nThe ferry to Pellin sails on time, its owner said."))


def test_standing_text_counts_for_nothing() -> None:
    assert compare(f"{SCHOOL}\n{BLURB}", f"{GOATS}\n{BLURB}") < 0.1
    articles = [
        StoryArticle(article_id=ArticleId(f"a{place}"), headline="", text=f"{text}\n{BLURB}")
        for place, text in enumerate((SCHOOL, GOATS))
    ]
    assert score_links(articles, np.ones((2, 1), dtype=np.float32)) == []


def test_texts_without_a_sentence_in_common_are_left_as_they_are() -> None:
    again = "Eleven pupils are too few: the school at Mellow Bay shuts its doors in June."
    assert np.isnan(compare(SCHOOL, again))


def test_a_copied_lead_with_its_facts_is_copy_whatever_follows() -> None:
    local = "Parents will meet the mayor on Monday. A bus to the next town would take an hour."
    assert np.isnan(compare(f"{SCHOOL}\n{BLURB}", f"{SCHOOL}\n{local}"))
