from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, write_article
from wirethread.articles.types.articles import UNKNOWN_OUTLET
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.outlets import are_one_publisher, group_by_publisher, key_publisher
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.types import ArticleText

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def of(outlet: str, url: str | None = None, article_id: str = "x") -> ArticleText:
    return write_article(article_id, HARBOUR, outlet=outlet, url=url)


def match(*articles: ArticleText) -> list[tuple[str, str]]:
    found = match_passages(articles, None, np.ones(len(articles), dtype=bool), MatchSettings())
    return sorted({(one.left_article_id, one.right_article_id) for one in found if one.is_match})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (of("Jane Doe", "https://ardentimes.example/1"), of("Arden Times", "https://www.ardentimes.example/2")),
        (of("BBC", "https://www.bbc.com/1"), of("BBC News", "https://www.bbc.co.uk/2")),
        (of("New York Times - News"), of("The New York Times (Opinion)")),
        (of("cnn.com"), of("CNN", "https://edition.cnn.com/1")),
        (of("Arden Times"), of("Whoever", "https://ardentimes.example/1")),
        (of("Velm Post", "https://news.google.com/a"), of("Velm Post", "https://velmpost.example/b")),
        (of("Velm Post", "https://web.archive.org/web/2024/https://velmpost.example/b"), of("V", "https://velmpost.example")),
    ],
)  # fmt: skip
def test_an_address_or_a_name_makes_one_publisher(left: ArticleText, right: ArticleText) -> None:
    assert are_one_publisher(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (of("Guest Writer", "https://ardentimes.example/1"), of("Guest Writer", "https://velmpost.example/1")),
        (of("The Independent", "https://independent.co.uk/1"), of("Irish Independent", "https://independent.ie/1")),
        (of("Ann's letter", "https://ann.substack.com/p/1"), of("Bo's letter", "https://bo.substack.com/p/1")),
        (of("Velm Post", "https://news.google.com/a"), of("Kell Post", "https://news.google.com/b")),
        (of(UNKNOWN_OUTLET), of(UNKNOWN_OUTLET)),
        (of("Arden Times"), of(UNKNOWN_OUTLET)),
    ],
)  # fmt: skip
def test_one_name_on_two_sites_and_an_unknown_outlet_are_no_publisher(
    left: ArticleText, right: ArticleText
) -> None:
    assert not are_one_publisher(left, right)


def test_articles_without_an_outlet_are_compared_and_each_is_a_publisher_of_its_own() -> None:
    texts = [write_article(name, HARBOUR, outlet=UNKNOWN_OUTLET) for name in "ab"]
    assert match(*texts) == [("a", "b")]
    assert len(group_by_publisher(texts)) == 2
    assert len({key_publisher(one) for one in texts}) == 2


def test_a_name_that_two_sites_bear_joins_neither() -> None:
    sites = [
        of("Herald", f"https://{name}.example/1", name) for name in ("kellherald", "velmherald")
    ]
    assert [len(house) for house in group_by_publisher([*sites, of("Herald", None, "h")])] == [
        1,
        1,
        1,
    ]
    assert [len(house) for house in group_by_publisher([sites[0], of("Herald", None, "h")])] == [2]


def test_agency_copy_in_one_house_is_compared_and_the_houses_own_text_is_not() -> None:
    house = {"outlet": "Tarn Echo", "url": "https://tarnecho.example/1"}
    printed = write_article("p", HARBOUR, agency="AP", published_at=NOON, **house)  # type: ignore[arg-type]
    own = write_article(
        "q",
        [GARDEN[0], *HARBOUR[:2]],
        credited=["AP"],
        published_at=NOON + timedelta(hours=9),
        **house,  # type: ignore[arg-type]
    )
    edition = write_article("r", [GARDEN[0], GARDEN[1]], published_at=NOON, **house)  # type: ignore[arg-type]
    assert match(printed, own, edition) == [("p", "q")]
    passages = join_passages(
        match_passages([printed, own], None, np.ones(2, dtype=bool), MatchSettings()),
        [printed, own],
    )
    assert {(one.agency, one.origin_article_id, one.confidence) for one in passages} == {
        ("AP", "p", 0.95)
    }


def test_in_one_house_a_text_without_a_credit_is_less_sure_to_be_the_agencys() -> None:
    printed = write_article("p", HARBOUR, outlet="Tarn Echo", agency="AP", published_at=NOON)
    own = write_article(
        "q", HARBOUR[:2], outlet="Tarn Echo", published_at=NOON + timedelta(hours=9)
    )
    passages = join_passages(
        match_passages([printed, own], None, np.ones(2, dtype=bool), MatchSettings()),
        [printed, own],
    )
    assert {one.confidence for one in passages} == {0.6}


def test_an_agencys_own_updates_are_no_copy() -> None:
    updates = [
        write_article(
            name, HARBOUR, outlet="Reuters", agency="Reuters", url="https://reuters.com/" + name
        )
        for name in "ab"
    ]
    assert match(*updates) == []


@pytest.mark.parametrize(
    "line",
    [
        "Get the Echo delivered: call 555-0177 or visit the counter in the market square of Tarn.",
        "Sign up for the evening letter with everything that happened in the province today.",
        "The harbour office is open from nine to four, and on market days until six o'clock.",
    ],
)
def test_a_line_of_the_house_below_its_agency_page_is_no_copy(line: str) -> None:
    house = {"outlet": "Tarn Echo", "url": "https://tarnecho.example/1"}
    printed = write_article("p", [*HARBOUR[:2], line], agency="AP", **house)  # type: ignore[arg-type]
    own = write_article("q", [*GARDEN[:2], line], **house)  # type: ignore[arg-type]
    assert match(printed, own) == []


def test_an_agencys_text_below_a_local_opening_is_copy_to_its_end() -> None:
    house = {"outlet": "Tarn Echo", "url": "https://tarnecho.example/1"}
    printed = write_article("p", HARBOUR, agency="AP", **house)  # type: ignore[arg-type]
    own = write_article("q", [GARDEN[0], *HARBOUR[1:]], **house)  # type: ignore[arg-type]
    found = match_passages([printed, own], None, np.ones(2, dtype=bool), MatchSettings())
    assert sum(one.is_match for one in found) == 3
