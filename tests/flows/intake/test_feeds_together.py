"""Feeds that answer at the same time are looked up and stored together."""

from pathlib import Path

import pytest

from tests.flows.feeding import ROWS, item, make, rss
from wirethread.flows.intake.feed_step import FeedStep
from wirethread.flows.intake.source_tally import Ledger
from wirethread.flows.intake.takers import CatalogTaker
from wirethread.sources.settings import SourceSettings
from wirethread.sources.web.responses import Outcome, Request, Response
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import SourceFeed

WHOLE = "".join(f"<p>{line}</p>" for line in ROWS[0]["text"].split("\n"))


def take(folder: Path, **feeds: str) -> Ledger:
    """Let the feeds, by name of their source, answer at once."""
    named = [
        SourceSettings(name=name, feed=f"https://feeds.example/{name}", outlet="The Daily")
        for name in feeds
    ]
    settings = make(folder, *named)
    with Catalog.open(folder) as catalog, catalog.taking_in():
        taker = CatalogTaker(catalog=catalog, run_id="r1")
        ledger = Ledger(catalog, "r1", named, settings, taker, is_asked=False)
        FeedStep(ledger).take(
            (SourceFeed(source=name, url=address), answer(address, content))
            for name, content in feeds.items()
            for address in [f"https://feeds.example/{name}"]
        )
    return ledger


def answer(address: str, content: str) -> Response:
    return Response(
        request=Request(url=address),
        outcome=Outcome.FETCHED,
        url=address,
        status=200,
        headers={"content-type": "text/xml"},
        content=content.encode(),
    )


def entries(folder: Path) -> list[tuple[str, str, str | None]]:
    with Catalog.open(folder) as catalog:
        found = catalog.sources.find_entries((source, "g1") for source in ("a", "b", "c"))
    return sorted((one.source, one.state, one.reason) for one in found.values())


def test_an_address_in_two_feeds_waits_for_the_first_alone(tmp_path: Path) -> None:
    take(tmp_path, a=rss(item(1)), b=rss(item(1)))
    assert entries(tmp_path) == [
        ("a", "waiting", None),
        ("b", "done", "another source fetches it"),
    ]


def test_a_text_that_two_feeds_bring_is_new_in_the_first_and_known_in_the_other(
    tmp_path: Path,
) -> None:
    ledger = take(tmp_path, a=rss(item(0, text=WHOLE)), b=rss(item(0, text=WHOLE)))
    found = {name: (one.counts.n_new, one.counts.n_known) for name, one in ledger.tallies.items()}
    assert found == {"a": (1, 0), "b": (0, 1)}


def test_what_is_no_feed_costs_the_others_nothing(tmp_path: Path) -> None:
    ledger = take(tmp_path, a="this is no feed", b=rss(item(1)), c=rss(item(0, text=WHOLE)))
    assert {name: one.state for name, one in ledger.tallies.items()} == {
        "a": "failed",
        "b": "good",
        "c": "good",
    }
    assert entries(tmp_path) == [("b", "waiting", None)]
    assert ledger.tallies["c"].counts.n_new == 1


@pytest.mark.parametrize("n_feeds", [1, 12])
def test_feeds_that_answer_together_are_one_change_of_the_archive(
    tmp_path: Path, n_feeds: int
) -> None:
    feeds = {f"f{number}": rss(item(number, text=WHOLE)) for number in range(n_feeds)}
    take(tmp_path, **feeds)
    with Catalog.open(tmp_path) as catalog:
        assert catalog.change_number == 1
