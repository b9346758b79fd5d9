from dataclasses import replace
from datetime import UTC, datetime, timedelta

from articles.types import ArticleId, Relation
from clustering.evidence import FEATURES
from clustering.explain import MEANINGS, explain_pair
from clustering.match_settings import MatchSettings
from tests.clustering.writing import GARDEN, HARBOUR, embed_words, write_article

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
WIRE = write_article("a", HARBOUR, outlet="Reuters", agency="Reuters", published_at=NOON)
PAPER = write_article(
    "b",
    [GARDEN[0], HARBOUR[0].replace("Tuesday", "Monday")],
    credited=["Reuters"],
    published_at=NOON + timedelta(hours=3),
)


def test_every_measurement_has_a_meaning() -> None:
    assert set(MEANINGS) == set(FEATURES)


def test_an_accepted_passage_is_shown_with_differences_scores_and_rules() -> None:
    told = explain_pair(PAPER, WIRE, embed_words([WIRE, PAPER]), MatchSettings())
    assert (told.left_id, told.right_id, told.verdict) == ("a", "b", "1 shared passage")
    assert told.notes == [
        "Reuters (a) is Reuters's own copy",
        "Morning Herald credits Reuters: Reuters contributed to this report.",
        "Reuters ran first",
    ]
    first = told.passages[0]
    assert first.left_text == HARBOUR[0]
    assert [p.left + "/" + p.right for p in first.pieces if p.kind != "equal"] == [
        "Tuesday/",
        "/Monday",
    ]
    assert [score.name for score in first.scores] == list(FEATURES)
    assert "days differ: w2 / w1" in " ".join(first.rules) or "days differ: w1 / w2" in " ".join(
        first.rules
    )
    assert first.rules[0].endswith(": a match")


def test_no_match_says_what_came_nearest() -> None:
    other = write_article("c", GARDEN, published_at=NOON)
    told = explain_pair(WIRE, other, None, MatchSettings())
    assert told.verdict.startswith("no shared copy; nearest: ")
    assert told.passages
    assert not any(one.match.is_match for one in told.passages)


def test_a_shared_quotation_is_named_as_such() -> None:
    words = (
        "“We have moved that ship with every tug on this coast and it has not shifted by an inch,”"
    )
    left = write_article("a", [f"{words} the harbour master said.", HARBOUR[2]], outlet="Alpha")
    right = write_article(
        "b", [f"Asked again, Ida Wren answered: {words}", GARDEN[0]], outlet="Beta"
    )
    told = explain_pair(left, right, None, MatchSettings())
    assert told.verdict == "no shared copy: they share a quotation, which is no evidence of copying"
    assert told.passages[0].relation is Relation.QUOTATION


def test_what_a_run_would_not_compare_is_noted() -> None:
    late = replace(PAPER, published_at=NOON + timedelta(days=30))
    notes = explain_pair(WIRE, late, None, MatchSettings()).notes
    assert "30.0 days apart: a run compares up to 10 days" in notes
    edition = replace(PAPER, outlet="Morning Herald (Opinion)", article_id=ArticleId("c"))
    notes = explain_pair(PAPER, edition, None, MatchSettings()).notes
    assert "one publisher: a run does not compare its articles with one another" in notes


def test_an_article_without_body_explains_itself() -> None:
    told = explain_pair(WIRE, replace(PAPER, paragraphs=[]), None, MatchSettings())
    assert told.verdict.startswith("no shared copy: one of the articles has no body")
