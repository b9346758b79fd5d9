"""Pages that the settings name, feeds among them, and what servers and editors do with them."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import fetch, run_plainly
from tests.flows.feeding import ROWS, counts, html, item, keep_unless_changed, make, rss
from tests.sources.serving import Site, serve
from wirethread.flows.intake.gather import gather_web
from wirethread.flows.intake.inbox import read_watched
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog
from wirethread.storage.upkeep.forget_choice import ForgetSelection, find_articles_to_forget
from wirethread.storage.upkeep.forgetting import forget_articles

CHANGED = "<p>Correction: an earlier version of this article named a wrong town.</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def gather(folder: Path, *sources: SourceSettings, **fetching: Any) -> tuple[int, ...]:
    """Gather without a pipeline; return feeds, pages, new, known and rejected articles."""
    settings = make(folder, *sources, **fetching)
    with Catalog.open(folder) as catalog:
        found = gather_web(catalog, "r", sources, settings)
    return (
        found.n_feeds,
        found.n_pages,
        found.counts.n_new,
        found.counts.n_known,
        found.counts.n_rejected,
    )


def test_a_feed_in_a_list_is_taken_in_within_one_run(site: Site, tmp_path: Path) -> None:
    for number in range(3):
        site.page(f"/{number}", html(number))
    site.page("/rss", rss(item(1), item(2, path="/2"), item(3, path="/loop")), "text/xml")
    site.page("/loop", rss(item(4, path="/never")), "text/xml")
    lines = tmp_path / "list.txt"
    lines.write_text(f"# mine\n\n{site.url}/0\n{site.url}/rss\n{site.url}/0\n", encoding="utf-8")
    source = SourceSettings(name="mine", list=str(lines))
    found = gather(tmp_path / "data", source, revisit_minutes=60)
    assert found == (1, 4, 3, 0, 1)  # what a feed names is never followed as a feed
    assert site.count("/never") == 0
    assert gather(tmp_path / "data", source, revisit_minutes=60)[:2] == (1, 0)
    assert (site.count("/rss"), site.count("/0")) == (2, 1)

    lines.write_text(f"{site.url}/0\n", encoding="utf-8")
    assert gather(tmp_path / "data", source, revisit_minutes=60)[:2] == (0, 0)
    assert site.count("/rss") == 2  # it left the list


def test_a_list_with_a_mistake_names_its_line(site: Site, tmp_path: Path) -> None:
    lines = tmp_path / "list.txt"
    lines.write_text(f"{site.url}/0\nftp://e.org/\n", encoding="utf-8")
    settings = make(tmp_path, SourceSettings(name="mine", list=str(lines)))
    assert "list.txt:2: " in run_plainly([], settings).unreadable_sources[0]
    lines.unlink()
    assert "cannot be read" in run_plainly([], settings).unreadable_sources[0]


def test_a_page_that_changes_silently_becomes_a_version(site: Site, tmp_path: Path) -> None:
    site.page("/0", html(0), ETag='"1"')
    settings = make(tmp_path, SourceSettings(name="mine", url=f"{site.url}/0"))
    assert counts(run_plainly([], settings)) == (0, 0, 1, 1, 0)
    keep_unless_changed(site, "/0", '"1"')
    assert counts(run_plainly([], settings)) == (0, 0, 1, 0, 0)
    site.page("/0", html(0, CHANGED))
    assert counts(run_plainly([], settings)) == (0, 0, 1, 1, 0)
    assert fetch(tmp_path, "SELECT count(*), count(superseded_by) FROM store.articles") == [(2, 1)]
    assert counts(run_plainly([], settings)) == (0, 0, 1, 0, 0)  # the same without any mark


def test_a_page_is_visited_after_a_while_and_less_often_while_it_stays(
    site: Site, tmp_path: Path
) -> None:
    site.page("/0", html(0))
    source = SourceSettings(name="mine", urls=(f"{site.url}/0",))

    def visit(minutes_later: float) -> int:
        with Catalog.open(tmp_path) as catalog:
            catalog._database.execute(
                "UPDATE store.source_entries SET next_allowed_at = next_allowed_at"
                f" - INTERVAL '{minutes_later} minutes'"
            )
        before = site.count("/0")
        gather(tmp_path, source, revisit_minutes=60)
        return site.count("/0") - before

    assert [visit(0), visit(0), visit(61), visit(61), visit(61)] == [1, 0, 1, 0, 1]


def test_a_page_that_went_away_keeps_its_article_and_is_given_up(
    site: Site, tmp_path: Path
) -> None:
    site.page("/0", html(0))
    source = SourceSettings(name="mine", url=f"{site.url}/0")
    assert gather(tmp_path, source) == (0, 1, 1, 0, 0)
    del site.answers["/0"]
    assert [gather(tmp_path, source) for _ in range(4)] == [(0, 1, 0, 0, 0)] * 3 + [(0, 0, 0, 0, 0)]
    assert fetch_all(tmp_path, "SELECT state, reason FROM store.source_entries") == [
        ("failed", "the server answers 404 Not Found")
    ]


def fetch_all(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Query the catalog itself: nothing was published."""
    with Catalog.open(folder) as catalog:
        return catalog._database.fetch_rows(sql)


@pytest.mark.thorough
def test_the_source_of_an_entry_becomes_a_declared_credit(site: Site, tmp_path: Path) -> None:
    agency = "<source url='https://www.reuters.com/'>Reuters</source></item>"
    site.page("/rss", rss(item(0).replace("</item>", agency)), "text/xml")
    site.page("/0", html(0))
    settings = make(tmp_path, SourceSettings(name="daily", feed=f"{site.url}/rss"))
    assert counts(run_plainly([], settings))[2:] == (1, 1, 0)
    declared = "SELECT agency, role, rule, evidence FROM wire_credits WHERE rule = 'source'"
    assert fetch(tmp_path, declared) == [
        ("Reuters", "source", "source", "Reuters; https://www.reuters.com/")
    ]


def test_a_busy_page_is_left_alone_and_fetched_when_its_time_came(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/0"] = (503, {"Retry-After": "600"}, b"")
    source = SourceSettings(name="mine", url=f"{site.url}/0")
    gather(tmp_path, source)
    site.page("/0", html(0))
    assert gather(tmp_path, source)[1] == 0
    with Catalog.open(tmp_path) as catalog:
        catalog._database.execute(
            "UPDATE store.source_hosts SET not_before = not_before - INTERVAL '601 seconds'"
        )
    assert gather(tmp_path, source) == (0, 1, 1, 0, 0)
    assert site.count("/0") == 2


def test_a_connection_that_breaks_once_is_tried_again(site: Site, tmp_path: Path) -> None:
    def break_once(call: Any) -> None:
        site.page("/0", html(0))

    site.answers["/0"] = break_once
    source = SourceSettings(name="mine", url=f"{site.url}/0")
    assert gather(tmp_path, source, retries=1) == (0, 1, 1, 0, 0)
    assert site.count("/0") == 2


def test_what_was_forgotten_for_good_leaves_no_address_and_stays_away(
    site: Site, tmp_path: Path
) -> None:
    site.page("/rss", rss(item(0), item(1)), "text/xml")
    site.page("/0", html(0))
    site.page("/1", html(1))
    feed = SourceSettings(name="daily", feed=f"{site.url}/rss")
    pages = SourceSettings(name="mine", url=f"{site.url}/0")
    sources = [feed, pages]
    gather(tmp_path, *sources)
    with Catalog.open(tmp_path) as catalog:
        headline = ROWS[0]["title"]
        ids = [
            row[0]
            for row in catalog._database.fetch_rows(
                "SELECT article_id FROM store.articles WHERE headline = ?", [headline]
            )
        ]
        assert len(ids) == 1
        forget_articles(catalog, "f", ids, ForgetSelection(outlet="127.0.0.1"), for_good=True)
    left = repr(fetch_all(tmp_path, "SELECT * FROM store.source_entries"))
    assert f"{site.url}/0" not in left
    assert "g0" not in left
    assert f"{site.url}/1" in left
    before = site.count("/0")
    site.page("/rss", rss(item(0, date="15:00:00"), item(1)), "text/xml")
    other = SourceSettings(name="other", feed=f"{site.url}/rss")
    assert gather(tmp_path, *sources, other)[2] == 0
    assert site.count("/0") == before


def test_what_was_forgotten_may_come_back_with_its_feed(site: Site, tmp_path: Path) -> None:
    site.page("/rss", rss(item(0)), "text/xml")
    site.page("/0", html(0))
    feed = SourceSettings(name="daily", feed=f"{site.url}/rss")
    gather(tmp_path, feed)
    with Catalog.open(tmp_path) as catalog:
        selection = ForgetSelection(url=f"{site.url}/0")
        forget_articles(catalog, "f", find_articles_to_forget(catalog, selection), selection)
    assert f"{site.url}/0" not in repr(fetch_all(tmp_path, "SELECT * FROM store.source_entries"))
    assert gather(tmp_path, feed) == (1, 1, 1, 0, 0)


def test_columns_name_what_a_table_in_a_folder_holds(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    table = inbox / "a.csv"
    row = ROWS[0]
    words = row["text"].replace('"', "'")
    table.write_text(f'kop;inhoud\n"{row["title"]}";"{words}"\n', encoding="utf-8")
    os.utime(table, (1, 1))
    source = SourceSettings(
        name="inbox",
        folder=str(inbox),
        outlet="Courant",
        columns={"title": "kop", "text": "inhoud"},
    )
    settings = make(tmp_path / "data", source).ingest
    with Catalog.open(tmp_path / "data") as catalog:
        assert read_watched(catalog, source, "r", settings).n_new == 1
    found = fetch_all(tmp_path / "data", "SELECT outlet, headline FROM store.articles")
    assert found == [("Courant", row["title"])]


def test_feeds_are_shared_out_to_sources_that_moved_in_the_settings(
    site: Site, tmp_path: Path
) -> None:
    site.page("/a", rss(), "text/xml")
    site.page("/b", rss(), "text/xml")
    source = SourceSettings(name="daily", feed=f"{site.url}/a")
    gather(tmp_path, source)
    gather(tmp_path, replace(source, feed=f"{site.url}/b"))
    assert (site.count("/a"), site.count("/b")) == (1, 1)  # the old address is asked no more


TEASERS = "".join(
    f"<h2><a href='/{number}'>{ROWS[number]['title']}</a></h2>"
    f"<p>{ROWS[number]['text'].split(chr(10))[0]}</p>"
    for number in range(5)
)
FRONT = (
    "<html><head><title>The Paper</title>"
    "<link rel='alternate' type='application/rss+xml' title='Comments' href='/comments.xml'>"
    "<link href='/rss' type='application/rss+xml' rel='alternate' title='News'></head>"
    f"<body><h1>The Paper</h1>{TEASERS}</body></html>"
)


def test_the_page_of_a_site_stands_for_the_feed_that_it_names(site: Site, tmp_path: Path) -> None:
    site.page("/", FRONT)
    site.page("/news", FRONT)
    site.page("/1", html(1))
    site.page("/rss", rss(item(1)), "text/xml")
    for path in ("/", "/news"):
        source = SourceSettings(name="paper", url=f"{site.url}{path}")
        folder = tmp_path / f"data{len(path)}"
        assert gather(folder, source)[:3] == (1, 2, 1)
        site.page("/2", html(2))
        site.page("/rss", rss(item(1), item(2)), "text/xml")
        assert gather(folder, source, revisit_minutes=60)[2] == 1, "the feed is asked again"
        site.page("/rss", rss(item(1)), "text/xml")
    assert site.count("/comments.xml") == 0


def test_an_article_that_names_a_feed_is_an_article(site: Site, tmp_path: Path) -> None:
    link = "<link rel=alternate type=application/atom+xml href=/rss>"
    site.page("/news/1", html(1).replace("</head>", f"{link}</head>"))
    site.page("/rss", rss(item(2)), "text/xml")
    source = SourceSettings(name="paper", url=f"{site.url}/news/1")
    assert gather(tmp_path / "data", source)[:3] == (0, 1, 1)
    assert site.count("/rss") == 0
