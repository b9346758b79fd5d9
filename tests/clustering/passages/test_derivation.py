from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.clustering.writing import GARDEN, HARBOUR, write_article
from wirethread.articles.types.articles import ArticleId, Derivation, ParagraphState
from wirethread.articles.types.copy import ArticleDerivation, NewsroomVerdict
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.newsrooms import count_newsrooms
from wirethread.clustering.passages.own_words import find_own_paragraphs
from wirethread.clustering.types import ArticleText

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
AGENCY, OWN, FIRST = ParagraphState.AGENCY, ParagraphState.OWN, ParagraphState.FIRST
COPIED, SHARED, NOT_FOUND = (
    ParagraphState.COPIED,
    ParagraphState.SHARED,
    ParagraphState.NOT_FOUND,
)
TOLD = "The mayor told the Echo that he had lent his umbrella to the harbour master."


def derive(
    *articles: ArticleText,
) -> tuple[dict[ArticleId, ArticleDerivation], dict[ArticleId, NewsroomVerdict]]:
    matches = match_passages(articles, None, np.ones(len(articles), dtype=bool), MatchSettings())
    passages = join_passages(matches, articles)
    derived = derive_articles(articles, passages, matches, find_own_paragraphs(articles))
    count = count_newsrooms(articles, derived, passages, [])
    return (
        {one.article_id: one for one in derived},
        {one.article_id: one for one in count.verdicts},
    )


def paper(name: str, texts: Sequence[str], hours: int = 0, **more: object) -> ArticleText:
    return write_article(
        name,
        texts,
        outlet=f"{name.title()} Echo",
        published_at=NOON + timedelta(hours=hours),
        **more,  # type: ignore[arg-type]
    )


def customer(name: str, texts: Sequence[str], hours: int = 0) -> ArticleText:
    """A paper whose article says that Reuters contributed."""
    return replace(
        paper(name, texts, hours, credited=["Reuters"]), contributors=frozenset({"Reuters"})
    )


def states(derived: ArticleDerivation) -> list[ParagraphState]:
    return [one.state for one in derived.paragraphs]


def test_an_article_that_credits_an_agency_alone_is_credited_and_its_share_is_not_known() -> None:
    derived, verdicts = derive(customer("tarn", [*HARBOUR[:2], TOLD]))
    answer, verdict = derived[ArticleId("tarn")], verdicts[ArticleId("tarn")]
    assert (answer.derivation, answer.wire_share) == (Derivation.CREDITED, 0.0)
    assert states(answer) == [NOT_FOUND, NOT_FOUND, OWN]
    assert "Reuters contributed to this report." in answer.reason
    assert "how much of it is Reuters's is not known" in answer.reason
    assert verdict.is_counted
    assert verdict.reason.startswith("counted for its own newsroom: credits Reuters")


def test_paragraphs_that_other_customers_of_the_agency_carry_become_its_copy() -> None:
    tarn = customer("tarn", [GARDEN[0], *HARBOUR[:2]])
    derived, _ = derive(tarn, customer("kell", [GARDEN[1], *HARBOUR[:2]], hours=3))
    for name in ("tarn", "kell"):
        answer = derived[ArticleId(name)]
        assert answer.derivation is Derivation.PARTLY, "whoever was first"
        assert states(answer) == [NOT_FOUND, AGENCY, AGENCY]
        assert list(answer.share_by_agency) == ["Reuters"]
        assert "how much of the rest is Reuters's is not known" in answer.reason


def test_a_rival_that_lifts_from_a_credited_article_makes_no_agency_of_it() -> None:
    tarn = customer("tarn", [*HARBOUR[:3], GARDEN[0]])
    derived, verdicts = derive(tarn, paper("kell", [*HARBOUR[:2], *GARDEN[1:]], hours=3))
    assert derived[ArticleId("tarn")].derivation is Derivation.CREDITED
    assert states(derived[ArticleId("tarn")]) == [FIRST, FIRST, NOT_FOUND, NOT_FOUND]
    rival = derived[ArticleId("kell")]
    assert (rival.derivation, rival.wire_share) == (Derivation.NOT, 0.0)
    assert states(rival) == [COPIED, COPIED, NOT_FOUND, NOT_FOUND]
    assert 0.3 < rival.copied_share < 0.7
    assert f"{rival.copied_share:.0%} ran earlier in Tarn Echo" in rival.reason
    assert "no copy" not in verdicts[ArticleId("kell")].reason.replace("no wire copy", "")
    assert "ran earlier in Tarn Echo" in verdicts[ArticleId("kell")].reason


def test_who_was_first_has_its_own_words() -> None:
    derived, verdicts = derive(
        paper("tarn", HARBOUR), paper("kell", [*GARDEN, *HARBOUR[:2]], hours=5)
    )
    answer = derived[ArticleId("tarn")]
    assert states(answer) == [FIRST, FIRST, NOT_FOUND, NOT_FOUND]
    assert (answer.derivation, answer.copied_share) == (Derivation.NOT, 0.0)
    assert verdicts[ArticleId("tarn")].reason == (
        "counted: others have copy of it, and it had that first"
    )


def test_where_nobody_is_known_to_be_first_both_have_it_in_common() -> None:
    derived, verdicts = derive(
        paper("tarn", HARBOUR[:3]), paper("kell", [*GARDEN, HARBOUR[0]], hours=0)
    )
    assert states(derived[ArticleId("tarn")])[0] is SHARED
    assert "who had it first is not known" in verdicts[ArticleId("kell")].reason


def test_a_credit_without_a_name_is_a_credit() -> None:
    unnamed = replace(
        paper("tarn", HARBOUR[:2]), unnamed_credit="based in part on wire service reports"
    )
    derived, _ = derive(unnamed)
    answer = derived[ArticleId("tarn")]
    assert answer.derivation is Derivation.CREDITED
    assert "agencies without a name (“based in part on wire service reports”)" in answer.reason


def test_an_agencys_article_in_a_paper_has_the_share_that_was_traced() -> None:
    printed = replace(paper("tarn", HARBOUR[:3]), agency="AP", credited_agencies=frozenset({"AP"}))
    derived, _ = derive(printed, paper("kell", [*GARDEN, HARBOUR[0]], hours=5))
    answer = derived[ArticleId("tarn")]
    share = len(HARBOUR[0]) / sum(map(len, HARBOUR[:3]))
    assert answer.derivation is Derivation.WHOLLY
    assert abs(answer.wire_share - share) < 1e-3
    assert states(answer) == [AGENCY, ParagraphState.DECLARED, ParagraphState.DECLARED]
