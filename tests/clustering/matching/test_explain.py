import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, embed_words, write_article
from wirethread.articles.types.articles import ArticleId, Relation
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching import explain
from wirethread.clustering.matching.evidence import FEATURES
from wirethread.clustering.matching.explain import MEANINGS, explain_pair
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.matching.soft_alignment import SOFT_FEATURES
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import build_paragraph_table
from wirethread.clustering.types import ArticleText, PairExplanation, VectorTable

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
WIRE = write_article("a", HARBOUR, outlet="Reuters", agency="Reuters", published_at=NOON)
PAPER = write_article(
    "b",
    [GARDEN[0], HARBOUR[0].replace("Tuesday", "Monday")],
    credited=["Reuters"],
    published_at=NOON + timedelta(hours=3),
)


def test_every_measurement_has_a_meaning() -> None:
    assert set(MEANINGS) == {*FEATURES, *SOFT_FEATURES}


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


TESTIMONY = (
    "I went down the stairs of the harbour office at seven in the evening, and when the lamp was "
    "out somebody pushed me against the iron door and took the ledger from under my arm."
)
STATEMENT = (
    "The council of Velmora will open its archive to every citizen before the end of the year, and "
    "nobody who ever worked in the harbour office shall be denied a copy of his own papers."
)


@pytest.mark.parametrize(
    ("lead", "shared", "sign"),
    [
        (HARBOUR[0], TESTIMONY, "in the first person, or a post"),
        ("The council put it like this:", STATEMENT, "after a line that introduces them"),
    ],
)
def test_words_spoken_without_marks_are_named_as_a_run_names_them(
    lead: str, shared: str, sign: str
) -> None:
    left = write_article("a", [lead, shared, HARBOUR[1]], outlet="Alpha", published_at=NOON)
    right = write_article(
        "b", [GARDEN[0], shared], outlet="Beta", published_at=NOON + timedelta(hours=5)
    )
    vectors = embed_words([left, right])
    told = explain_pair(left, right, vectors, MatchSettings())
    (stored,) = match_passages([left, right], vectors, np.ones(2, dtype=bool), MatchSettings())
    assert told.verdict == "no shared copy: they share a quotation, which is no evidence of copying"
    assert told.passages[0].match == stored
    assert told.passages[0].rules[0] == f"what they share is a quotation, {sign}: never a match"
    # A run that keeps nothing of it says the same when it is asked.
    nothing_kept = replace(MatchSettings(), keep_score=1.0)
    again = explain_pair(left, right, vectors, nothing_kept).passages[0]
    assert (again.relation, again.match.score, again.match.reason) == (
        Relation.QUOTATION,
        stored.score,
        stored.reason,
    )


def test_every_rule_that_moved_a_score_is_told() -> None:
    left = write_article("a", [HARBOUR[0], HARBOUR[1]], outlet="Alpha", published_at=NOON)
    right = write_article(
        "b",
        [
            GARDEN[0],
            "Minutes of a board meeting, seen by Beta reporters, show harbour pilots warned March's "
            "dredgers could never clear a channel silting up so fast.",
        ],
        outlet="Beta",
        published_at=NOON + timedelta(hours=5),
    )
    nearest = explain_pair(left, right, embed_words([left, right]), MatchSettings()).passages[0]
    assert not nearest.match.is_match
    assert "less 5: the donor is no agency's own article, or a later one" in nearest.rules
    assert "less 2: no credit and no sure passage beside it" in nearest.rules
    assert nearest.rules[1].startswith("log-odds ")


def test_a_passage_that_another_one_accounts_for_says_so() -> None:
    twice = write_article("b", [HARBOUR[0], HARBOUR[0]], published_at=NOON + timedelta(hours=3))
    told = explain_pair(WIRE, twice, embed_words([WIRE, twice]), MatchSettings())
    (left_over,) = [
        passage
        for passage in told.passages
        if passage.left_text == passage.right_text and not passage.match.is_match
    ]
    assert left_over.rules[0].endswith("no match, for another passage accounts for its words")


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


def write_long_pair(seed: int) -> tuple[list[str], list[str]]:
    """Return two long articles of which some paragraphs are copied whole, cut, or with changes."""
    chance = random.Random(seed)

    syllables = [first + second for first in "bdfglmnprstv" for second in ("a", "e", "in", "or")]
    words = ["".join(chance.choices(syllables, k=3)) for _ in range(300)]

    def compose() -> str:
        chosen = chance.choices(words, k=chance.randrange(18, 40))
        return " ".join(["The", *chosen, "of", chance.choice(words)]) + "."

    left = [compose() for _ in range(14)]
    right = [compose() for _ in range(8)]
    for text in chance.sample(left, 5):
        copied = text.split()
        way = chance.randrange(3)
        if way == 1:
            copied = copied[: 2 * len(copied) // 3]
        elif way == 2:
            copied = [word for word in copied if chance.random() > 0.12]
        right.insert(chance.randrange(len(right) + 1), " ".join(copied))
    return left, right


@pytest.mark.parametrize("with_vectors", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_long_articles_are_explained_as_if_all_their_pairs_were_measured(
    seed: int, with_vectors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = write_long_pair(seed)
    left = write_article("a", texts[0], outlet="Alpha", published_at=NOON)
    right = write_article(
        "b", texts[1], outlet="Beta", published_at=NOON + timedelta(hours=5), credited=["AP"]
    )
    vectors = embed_words([left, right]) if with_vectors else None
    told = explain_pair(left, right, vectors, MatchSettings())
    measured = count_measured(left, right, vectors)
    monkeypatch.setattr(explain, "_ALL_MEASURED", 10**9)
    exact = explain_pair(left, right, vectors, MatchSettings())
    n_all = count_measured(left, right, vectors)
    assert measured < n_all == len(texts[0]) * len(texts[1])

    def list_matches(explanation: PairExplanation) -> list[tuple[object, ...]]:
        matches = [one.match for one in explanation.passages if one.match.is_match]
        return sorted((m.left_begin, m.left_end, m.right_begin, m.right_end) for m in matches)

    def list_scores(explanation: PairExplanation) -> list[float]:
        return sorted(one.match.score for one in explanation.passages if one.match.is_match)

    assert list_matches(told) == list_matches(exact) != []
    # a score takes its neighbours into account, of which fewer were measured
    assert list_scores(told) == pytest.approx(list_scores(exact), abs=0.02)
    assert told.verdict == exact.verdict


def count_measured(left: ArticleText, right: ArticleText, vectors: VectorTable | None) -> int:
    table = build_paragraph_table([left, right], vectors, min_words=MatchSettings().min_words)
    mine, theirs = (range(*table.article_starts[i : i + 2]) for i in (0, 1))
    return len(explain.choose_pairs(ProfileCache(table), mine, theirs))
