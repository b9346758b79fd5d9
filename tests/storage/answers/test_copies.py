"""Who ran whose words: the views and lists about copies, over a small archive of our own."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from wirethread.storage.answers.copies import (
    CopyPair,
    list_agency_outlets,
    list_copies,
    list_duplicates,
    list_outlet_wire,
)
from wirethread.storage.answers.page.passage import load_passage_page
from wirethread.storage.catalog import Catalog

WIRE = [
    "Firefighters brought a blaze in a paper warehouse on the edge of Torvik under control early on"
    " Friday after eleven hours, and no one was hurt, the fire brigade said.",
    "The owner put the loss at nine million crowns and said that production would move to a second"
    " plant while engineers looked at the roof, which had partly fallen in.",
]
SCOOP = [
    "The town council of Torvik paid 340,000 crowns for a bridge that was never built, according to"
    " bills from 2019 to 2023 that carry the signature of the former head of works.",
    "Two members of the audit board said that they had asked for drawings of the bridge four times,"
    " and that each time a map of the old ferry landing was sent in their place.",
]
ESSAY = (
    "Mira Holt has mended clocks in the arcade since she was nineteen, and says that the hands of a"
    " clock tell more of its owner than its case ever will."
)


def write(key: str, outlet: str, at: str, parts: list[str], **more: Any) -> Mapping[str, Any]:
    return {
        "id": key,
        "outlet": outlet,
        "title": f"Torvik: {key}",
        "text": "\n\n".join(parts),
        "published_at": at,
        **more,
    }


ARTICLES = [
    write("wire", "Reuters", "2024-06-07T05:00:00Z", [f"TORVIK, June 7 (Reuters) - {WIRE[0]}", WIRE[1]]),
    write("credited", "Fjord News", "2024-06-07T06:30:00Z", [*WIRE, "Reporting by Reuters."], agency="Reuters"),
    write("silent", "Torvik Today", "2024-06-07T07:00:00Z", WIRE),
    write("scoop", "Torvik Today", "2024-06-08T08:00:00Z", SCOOP),
    write("lifted", "Fjord News", "2024-06-08T09:15:00Z", [*SCOOP, ESSAY]),
    write("dayonly", "Coast Weekly", "2024-06-08", [SCOOP[0], "The weekly could not reach the council."]),
]  # fmt: skip


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("torvik")
    run_plainly([write_lines(folder / "a.jsonl", ARTICLES)], hashing_settings(folder / "data"))
    with Catalog.open_published(folder / "data") as opened:
        yield opened


def name_pairs(catalog: Catalog, found: list[CopyPair]) -> dict[tuple[str, str], CopyPair]:
    rows = catalog.execute_read_only("SELECT article_id, source_id FROM articles").to_pylist()
    names = {row["article_id"]: row["source_id"] for row in rows}
    return {(names[one.from_article_id], names[one.to_article_id]): one for one in found}


def test_a_copy_says_from_whom_to_whom_how_long_after_and_how_much(catalog: Catalog) -> None:
    pair = name_pairs(catalog, list_copies(catalog))["scoop", "lifted"]
    assert (pair.from_outlet, pair.to_outlet) == ("Torvik Today", "Fjord News")
    assert pair.is_directed
    assert pair.lag_minutes == 75
    assert pair.n_words == sum(len(part.split()) for part in SCOOP)
    assert pair.relation == "verbatim"
    assert (pair.agency, pair.is_credited, pair.has_common_source) == (None, False, False)
    assert pair.from_published_at == datetime(2024, 6, 8, 8, tzinfo=UTC)


def test_copy_of_an_agency_names_it_and_says_whether_it_is_credited(catalog: Catalog) -> None:
    pairs = name_pairs(catalog, list_copies(catalog, agency="reuters"))
    assert pairs["wire", "credited"].is_credited
    assert not pairs["wire", "silent"].is_credited
    assert {pairs[pair].agency for pair in pairs} == {"Reuters"}
    assert not pairs["wire", "silent"].has_common_source


def test_two_customers_of_an_agency_need_not_have_copied_each_other(catalog: Catalog) -> None:
    found = list_copies(catalog)
    pair = name_pairs(catalog, found)["credited", "silent"]
    assert pair.has_common_source
    assert found[-1].has_common_source
    assert not found[0].has_common_source


def test_a_mere_day_leaves_the_order_open(catalog: Catalog) -> None:
    pairs = name_pairs(catalog, list_copies(catalog, outlet="coast weekly"))
    assert {frozenset(pair) for pair in pairs} == {
        frozenset(("scoop", "dayonly")),
        frozenset(("lifted", "dayonly")),
    }
    for pair in pairs.values():
        assert (pair.is_directed, pair.lag_minutes) == (False, None)
        assert pair.from_article_id < pair.to_article_id


def test_who_copied_and_who_was_copied_are_two_questions(catalog: Catalog) -> None:
    by = name_pairs(catalog, list_copies(catalog, copied_by="FJORD NEWS"))
    whole = {pair for pair, one in by.items() if one.is_directed}
    assert whole == {("wire", "credited"), ("scoop", "lifted")}
    taken = name_pairs(catalog, list_copies(catalog, copied_from="Fjord News"))
    assert {pair for pair, one in taken.items() if one.is_directed} == {("credited", "silent")}
    # where the order is open, the outlet may be either
    assert {frozenset(pair) for pair, one in by.items() if not one.is_directed} == {
        frozenset(("lifted", "dayonly"))
    }


def test_lists_are_bounded_in_time_and_number(catalog: Catalog) -> None:
    day = datetime(2024, 6, 8, tzinfo=UTC)
    assert all(one.to_published_at >= day for one in list_copies(catalog, since=day))  # type: ignore[operator]
    assert all(one.to_published_at < day for one in list_copies(catalog, until=day))  # type: ignore[operator]
    assert len(list_copies(catalog, limit=2)) == 2


def test_wire_is_counted_by_outlet_and_day(catalog: Catalog) -> None:
    days = {(one.outlet, str(one.day)): one for one in list_outlet_wire(catalog)}
    silent = days["Torvik Today", "2024-06-07"]
    assert (silent.n_articles, silent.n_with_wire, silent.n_uncredited) == (1, 1, 1)
    assert silent.wire_share == pytest.approx(1.0, abs=0.02)
    assert days["Torvik Today", "2024-06-08"].wire_share == 0
    assert days["Fjord News", "2024-06-07"].n_uncredited == 0
    assert days["Reuters", "2024-06-07"].own_agency == "Reuters"
    later = list_outlet_wire(catalog, since=datetime(2024, 6, 8, tzinfo=UTC), outlet="fjord news")
    assert [str(one.day) for one in later] == ["2024-06-08"]


def test_outlets_are_told_by_the_agencies_they_take_from(catalog: Catalog) -> None:
    found = {one.outlet: one for one in list_agency_outlets(catalog, agency="reuters")}
    assert set(found) == {"Fjord News", "Torvik Today"}
    assert (found["Fjord News"].n_articles, found["Fjord News"].n_uncredited) == (1, 0)
    assert found["Torvik Today"].n_uncredited == 1
    assert found["Torvik Today"].wire_share == pytest.approx(0.5, abs=0.02)


def test_a_passage_is_followed_from_outlet_to_outlet(catalog: Catalog) -> None:
    rows = catalog.execute_read_only(
        "SELECT outlet, place_number, lag_minutes, n_outlets, is_origin FROM passage_spread"
        " WHERE passage_id = (SELECT min(passage_id) FROM passages WHERE agency = 'Reuters')"
        " ORDER BY place_number"
    ).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("Reuters", 1, 0.0, 1, True),
        ("Fjord News", 2, 90.0, 2, False),
        ("Torvik Today", 3, 120.0, 3, False),
    ]


def test_a_place_of_which_only_the_day_is_known_is_never_first_on_it(catalog: Catalog) -> None:
    rows = catalog.execute_read_only(
        "SELECT s.outlet, s.place_number, s.n_outlets, s.published_precision, s.passage_id"
        " FROM passage_spread s WHERE passage_id IN"
        " (SELECT passage_id FROM passage_spread WHERE outlet = 'Coast Weekly') ORDER BY 2"
    ).to_pylist()
    assert [tuple(row.values())[:4] for row in rows] == [
        ("Torvik Today", 1, 1, "second"),
        ("Fjord News", 2, 2, "second"),
        ("Coast Weekly", 3, 3, "day"),
    ]
    page = load_passage_page(catalog, rows[0]["passage_id"])
    assert [place.outlet for place in page.places] == [row["outlet"] for row in rows]


def test_leaving_duplicates_out_leaves_each_text_once(catalog: Catalog) -> None:
    found = list_duplicates(catalog)
    assert all(one.score is not None and one.score >= 0.5 and one.reason for one in found)
    left = catalog.execute_read_only(
        "SELECT source_id FROM articles WHERE article_id NOT IN (SELECT article_id FROM duplicates)"
    ).to_pylist()
    assert {row["source_id"] for row in left} == {"wire", "scoop", "lifted", "dayonly"}
    assert len(list_duplicates(catalog, outlet="torvik today")) == 1


def test_one_wire_share_goes_by_one_name(catalog: Catalog) -> None:
    rows = catalog.execute_read_only("SELECT share, wire_share FROM article_derivation").to_pylist()
    assert rows
    assert all(row["share"] == row["wire_share"] for row in rows)
