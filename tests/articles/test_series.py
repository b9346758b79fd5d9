"""What ties the versions of one article, and in which order they stand."""

from datetime import UTC, datetime, timedelta

import pytest

from wirethread.articles.series import (
    derive_keys,
    fingerprint_content,
    order_versions,
)
from wirethread.articles.types.articles import ArticleId, TimePrecision
from wirethread.articles.types.versions import VersionTimes

NOON = datetime(2025, 5, 6, 12, tzinfo=UTC)


def stand(
    name: str,
    published: int | None = None,
    updated: int | None = None,
    precision: TimePrecision = TimePrecision.SECOND,
) -> VersionTimes:
    return VersionTimes(
        article_id=ArticleId(name),
        published_at=None if published is None else NOON + timedelta(minutes=published),
        published_precision=precision,
        updated_at=None if updated is None else NOON + timedelta(minutes=updated),
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://paper.example/a?utm_source=x", "https://paper.example/a"),
        ("http://www.paper.example/a/", "https://paper.example/a"),
        ("https://m.paper.example/a", "https://paper.example/a"),
        ("https://paper.example/a/amp", "https://paper.example/a#top"),
    ],
)
def test_forms_of_one_address_have_one_key(left: str, right: str) -> None:
    assert derive_keys("The Paper", left, None) == derive_keys("The Paper", right, None)
    assert derive_keys("The Paper", left, None).url_key


def test_the_host_as_outlet_is_one_outlet_in_all_its_forms() -> None:
    mobile = derive_keys("m.paper.example", "https://m.paper.example/a", "7")
    assert mobile.url_key == derive_keys("paper.example", "https://paper.example/a", "7").url_key
    assert mobile.id_key == derive_keys("www.paper.example", None, "7").id_key


def test_two_outlets_under_one_address_are_two_articles() -> None:
    address = "https://wire.example/a"  # a syndicated page that names the agency's as the original
    left, right = derive_keys("The Paper", address, None), derive_keys("The Sun", address, None)
    assert left.url_key != right.url_key


@pytest.mark.parametrize("url", ["https://paper.example/", "https://paper.example", "http://[", ""])
def test_an_address_that_names_no_article_ties_nothing(url: str) -> None:
    assert derive_keys("The Paper", url, None).url_key == ""


def test_an_id_of_an_unknown_outlet_counts_only_where_it_is_unique_everywhere() -> None:
    assert derive_keys("unknown", None, "17").id_key == ""
    assert derive_keys("unknown", None, "tag:wire.example,2025:17").id_key
    assert derive_keys("The Paper", None, "17").id_key != derive_keys("Sun", None, "17").id_key


def test_case_quotes_and_spaces_make_no_other_content() -> None:
    left = fingerprint_content("Ferry “Marigold” aground", [1, 2], "text")
    assert left == fingerprint_content('FERRY  "Marigold" aground', [1, 2], "another")
    assert left != fingerprint_content("Ferry “Marigold” afloat", [1, 2], "text")
    assert left != fingerprint_content("Ferry “Marigold” aground", [2, 1], "text")
    assert fingerprint_content("a", [], "left") != fingerprint_content("a", [], "right")


@pytest.mark.parametrize(
    ("as_read", "expected"),
    [
        ([stand("a"), stand("b")], "ab"),
        ([stand("b", 60), stand("a", 0)], "ab"),
        ([stand("a", 0), stand("b", 0)], "ab"),
        ([stand("b", 0, 30), stand("a", 0, 10)], "ab"),
        # one source says when it changed and the other does not: the one read last is the last
        ([stand("a", 0, 30), stand("b", 0)], "ab"),
        ([stand("b", 0), stand("c", 10), stand("a", -10)], "abc"),
        # a mere day says nothing about the hour
        ([stand("a", 30), stand("b", -720, precision=TimePrecision.DAY)], "ab"),
        ([stand("b", 30), stand("a", -2160, precision=TimePrecision.DAY)], "ab"),
    ],
)
def test_versions_stand_in_the_order_of_their_times_then_of_reading(
    as_read: list[VersionTimes], expected: str
) -> None:
    assert "".join(order_versions(as_read)) == expected
