"""Standing text, forms filled in anew and stock words: alike, and no copy by themselves."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, embed_words, write_article
from wirethread.articles.types.articles import PassageMatch
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.paragraphs.standing import find_standing_spans
from wirethread.clustering.types import ArticleText


def accepted(*articles: ArticleText) -> list[PassageMatch]:
    everything = np.ones(len(articles), dtype=bool)
    found = match_passages(articles, embed_words(articles), everything, MatchSettings())
    return [match for match in found if match.is_match]


STANDING = [
    "These forward-looking statements are subject to risks, and Tarn Mills undertakes no duty to update them.",
    "Detectives said their investigation was still active and asked people with dashcam film to call them.",
    "Anyone who saw the van near the Ullby crossing is asked to contact the county's officers.",
    "A spokeswoman for the Tarn Mills company did not immediately respond to an emailed request for comment.",
    "If you or someone you know is in despair, call the Ullby helpline at any hour of the day.",
    "The opinions expressed in this column are the writer's and do not necessarily reflect those of the Courier.",
    "Mara Venn is a columnist and can be reached at mara.venn@courier.example or at P.O. Box 12, Ullby.",
    "This report was written automatically from figures of the Ullby weather office and read by an editor.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", STANDING)
def test_standing_text_under_two_reports_is_no_copy(sentence: str) -> None:
    one = write_article("a", [*HARBOUR[:2], sentence])
    other = write_article("b", [*GARDEN[:2], sentence], outlet="Other Courier")
    assert accepted(one, other) == []


@pytest.mark.parametrize("sentence", STANDING)
def test_standing_text_that_was_copied_with_the_report_is_copy(sentence: str) -> None:
    one = write_article("a", [*HARBOUR[:3], sentence])
    other = write_article("b", [*HARBOUR[:3], sentence], outlet="Other Courier")
    assert len(accepted(one, other)) == 4


def test_only_the_standing_sentence_of_a_paragraph_is_standing_text() -> None:
    text = "The mill at Tarn will close. It declined to comment. Its 40 weavers go home on Friday."
    assert [text[begin:end] for begin, end in find_standing_spans(text)] == [
        "It declined to comment."
    ]


@pytest.mark.parametrize(
    "plain",
    [
        "The council will support the bridge with a grant of 40,000 crowns from its road fund.",
        "She called her brother from the crossing and asked him to bring the horses back.",
        "Venn was elected to the board of the weavers' guild in the spring of that year.",
    ],
)
def test_what_happened_is_no_standing_text(plain: str) -> None:
    assert list(find_standing_spans(plain)) == []


def tremor(place: str, size: str, clock: str, village: str, km: str) -> list[str]:
    return [
        f"A tremor of magnitude {size} shook {village} at {clock} on Friday, the {place} observatory said.",
        "Shelves were emptied in two shops, and the bells of the chapel rang by themselves for a while.",
        f"It lay {km} kilometres below the lake.",
    ]  # fmt: skip


def test_lines_under_leads_with_other_facts_are_a_form_filled_in_anew() -> None:
    one = write_article("a", tremor("Ullby", "4.5", "06:14", "Brisk", "12"))
    other = write_article("b", tremor("Ullby", "5.1", "19:20", "Arden", "8"), outlet="Herald")
    assert accepted(one, other) == []


def test_the_same_instance_of_a_form_in_two_papers_is_copy() -> None:
    report = tremor("Ullby", "4.5", "06:14", "Brisk", "12")
    found = accepted(write_article("a", report), write_article("b", report, outlet="Herald"))
    assert len(found) >= 2


def test_an_update_of_one_figure_in_the_lead_leaves_the_rest_copy() -> None:
    wire = {"outlet": "Reuters", "agency": "Reuters"}
    report = ["At least 12 people drowned when the ferry Ina sank off Velmora on Friday.", *HARBOUR]
    later = ["At least 14 people drowned when the ferry Ina sank off Velmora on Friday.", *HARBOUR]
    donor = write_article("a", report, **wire)  # type: ignore[arg-type]
    host = write_article("b", later, published_at=donor.published_at + timedelta(hours=2))  # type: ignore[operator]
    assert len(accepted(donor, host)) >= len(HARBOUR)


def test_a_sentence_without_names_is_copy_where_its_words_are_rare_together() -> None:
    rare = "Wailing foundlings, caged like poultry, were filmed through a hatch, and the footage appalled viewers."
    stock = (
        "Nobody was able to say how it had begun, and it was not known when it would be over again."
    )
    for sentence, n_matches in ((rare, 1), (stock, 0)):
        wire = write_article("a", [*HARBOUR, sentence], outlet="Reuters", agency="Reuters")
        paper = write_article("b", [*GARDEN, sentence], outlet="Herald")
        assert len(accepted(wire, paper)) == n_matches, sentence


def test_a_lead_that_its_paper_runs_every_day_hides_no_copy_below_it() -> None:
    every_day = "Good morning from the desk of the Ullby Courier, where the kettle has been on since five o'clock."
    days = [
        write_article(
            f"a{day}",
            [every_day, HARBOUR[0] if day == 0 else GARDEN[day]],
            outlet="Courier",
            published_at=datetime(2024, 5, 1 + day, 12, tzinfo=UTC),
        )
        for day in range(3)
    ]
    found = accepted(*days, write_article("b", [GARDEN[0], HARBOUR[0]], outlet="Herald"))
    assert {(one.left_article_id, one.right_article_id) for one in found} == {("a0", "b")}
    assert len(found) == 1
