import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.driving import fetch, run_plainly, write_lines
from tests.flows.feeding import ROWS, counts, html, item, keep_unless_changed, make, rss
from tests.sources.serving import Site, serve
from wirethread.articles.errors import ConfigError
from wirethread.flows.intake.choose import choose_sources
from wirethread.flows.intake.gather import gather_web
from wirethread.flows.intake.inbox import read_watched
from wirethread.flows.settings.config import load_settings
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def test_a_feed_is_taken_in_over_several_cycles(site: Site, tmp_path: Path) -> None:
    settings = make(
        tmp_path, SourceSettings(name="daily", feed=f"{site.url}/rss", outlet="My Daily")
    )
    for number in range(4):
        site.page(f"/{number}", html(number))
    site.page("/rss", rss(item(0), item(1)), "application/rss+xml", ETag='"1"')
    assert counts(run_plainly([], settings)) == (1, 0, 2, 2, 0)

    keep_unless_changed(site, "/rss", '"1"')
    assert counts(run_plainly([], settings)) == (1, 1, 0, 0, 0)

    site.page("/rss", rss(item(2), item(0), item(1), item(3, path="/missing")), "text/xml")
    assert counts(run_plainly([], settings)) == (1, 0, 2, 1, 0)
    assert counts(run_plainly([], settings)) == (1, 0, 1, 0, 0)
    assert counts(run_plainly([], settings)) == (1, 0, 1, 0, 1)  # the third attempt is the last
    assert counts(run_plainly([], settings)) == (1, 0, 0, 0, 0)
    assert (site.count("/0"), site.count("/missing"), site.count("/robots.txt")) == (1, 3, 1)

    changed = html(0, "<p>Correction: an earlier version of this article named a wrong town.</p>")
    site.page("/0", changed)
    site.page("/rss", rss(item(0, date="12:00:00")), "text/xml")
    assert counts(run_plainly([], settings))[2:] == (1, 1, 0)
    assert fetch(tmp_path, "SELECT DISTINCT outlet FROM articles") == [("My Daily",)]
    assert fetch(tmp_path, "SELECT state, failures, n_waiting FROM sources") == [("good", 0, 0)]


@pytest.mark.thorough
def test_an_entry_with_its_own_text_needs_no_page(site: Site, tmp_path: Path) -> None:
    text = "".join(f"<p>{line}</p>" for line in ROWS[0]["text"].split("\n"))
    site.page("/rss", rss(item(0, text=text)), "text/xml")
    settings = make(tmp_path, SourceSettings(name="daily", feed=f"{site.url}/rss", text="feed"))
    assert counts(run_plainly([], settings)) == (1, 0, 0, 1, 0)
    assert counts(run_plainly([], settings)) == (1, 0, 0, 0, 0)
    assert fetch(tmp_path, "SELECT outlet, url FROM articles") == [("127.0.0.1", f"{site.url}/0")]


def test_sources_that_fail_are_told_and_the_others_go_on(site: Site, tmp_path: Path) -> None:
    site.page("/good", rss(item(0)).replace("</channel></rss>", ""), "text/xml")
    site.page("/0", html(0))
    site.page("/bad", "this is no feed", "text/xml")
    site.answers["/gone"] = (410, {}, b"")
    named = [
        SourceSettings(name=name, feed=f"{site.url}/{name}")
        for name in ("missing", "bad", "gone", "good")
    ]
    settings = make(tmp_path, *named)
    result = run_plainly([], settings)
    assert counts(result) == (4, 0, 1, 1, 0)
    told = " ".join(result.unreadable_sources)
    assert len(result.unreadable_sources) == 3
    assert "404 Not Found" in told
    assert "no feed" in told
    assert "gone for good" in told
    assert len(run_plainly([], settings).unreadable_sources) == 2
    assert site.count("/gone") == 1
    states = dict(fetch(tmp_path, "SELECT source, state FROM sources"))
    assert states == {"missing": "failed", "bad": "failed", "gone": "gone", "good": "good"}


def test_a_busy_feed_is_left_alone_and_asked_again_later(site: Site, tmp_path: Path) -> None:
    site.answers["/rss"] = (429, {"Retry-After": "600"}, b"")
    settings = make(tmp_path, SourceSettings(name="daily", feed=f"{site.url}/rss"))
    assert "429" in run_plainly([], settings).unreadable_sources[0]
    assert run_plainly([], settings).unreadable_sources == ()
    assert site.count("/rss") == 1


def test_a_feed_that_moved_for_good_is_asked_at_its_new_place(site: Site, tmp_path: Path) -> None:
    site.redirect("/old", "/rss", 301)
    site.page("/rss", rss(), "text/xml")
    settings = make(tmp_path, SourceSettings(name="daily", feed=f"{site.url}/old"))
    run_plainly([], settings)
    run_plainly([], settings)
    assert (site.count("/old"), site.count("/rss")) == (1, 2)


@pytest.mark.thorough
def test_addresses_of_pages_and_feeds_are_told_apart(site: Site, tmp_path: Path) -> None:
    site.page("/0", html(0))
    site.page("/1", html(1))
    site.page("/rss", rss(item(1)), "text/xml")
    settings = make(tmp_path)
    result = run_plainly([f"{site.url}/0", f"{site.url}/rss"], settings)
    assert result.unreadable_sources == ()
    assert counts(result) == (1, 0, 2, 2, 0)  # the page behind the feed comes at once
    assert fetch(tmp_path, "SELECT count(*) FROM articles") == [(2,)]
    assert run_plainly([f"{site.url}/nothing"], settings).unreadable_sources != ()


def test_two_feeds_with_one_article_fetch_it_once(site: Site, tmp_path: Path) -> None:
    site.page("/0", html(0))
    for name in ("a", "b"):
        site.page(f"/{name}", rss(item(0, path=f"/0?utm_source={name}")), "text/xml")
    settings = make(
        tmp_path, *(SourceSettings(name=name, feed=f"{site.url}/{name}") for name in ("a", "b"))
    )
    site.page("/0?utm_source=a", html(0))
    site.page("/0?utm_source=b", html(0))
    assert counts(run_plainly([], settings)) == (2, 0, 1, 1, 0)


def test_a_killed_run_loses_nothing_and_fetches_nothing_twice(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        site.page(f"/{number}", html(number))
    site.page("/rss", rss(*(item(number) for number in range(6))), "text/xml", ETag='"1"')
    settings = make(tmp_path, SourceSettings(name="daily", feed=f"{site.url}/rss"))
    monkeypatch.setattr("wirethread.flows.intake.page_queue.PAGES_PER_BATCH", 2)
    stored = 0

    def stop(*args: object) -> None:
        nonlocal stored
        stored += 1
        if stored == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("wirethread.flows.intake.page_queue.report_progress", stop)
    with Catalog.open(tmp_path) as catalog, pytest.raises(KeyboardInterrupt):
        gather_web(catalog, "r1", settings.sources, settings)
    assert fetch(tmp_path, "SELECT count(*) FROM articles") == [(4,)]
    site.answers["/rss"] = (304, {}, b"")
    with Catalog.open(tmp_path) as catalog:
        result = gather_web(catalog, "r2", settings.sources, settings)
    assert (result.counts.n_new, result.n_unchanged_feeds) == (2, 1)
    assert [site.count(f"/{number}") for number in range(4)] == [1, 1, 1, 1]


def test_a_watched_folder_gives_only_what_is_new_or_changed(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    source = SourceSettings(name="inbox", folder=str(inbox))
    settings = make(tmp_path / "data", source).ingest

    def put(name: str, *numbers: int, age: float = 60) -> Path:
        path = write_lines(inbox / name, [ROWS[number] for number in numbers])
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
        return path

    put("a.jsonl", 0, 1)
    put("b.jsonl", 2)
    put("c.jsonl", 3, age=0)
    with Catalog.open(tmp_path / "data") as catalog:
        assert read_watched(catalog, source, "r", settings).n_new == 3
        assert read_watched(catalog, source, "r", settings).n_read == 0
        assert read_watched(catalog, source, "r", settings, settle_seconds=0).n_new == 1
        put("a.jsonl", 0, 1, age=30)  # touched, not changed
        assert read_watched(catalog, source, "r", settings).n_read == 0
        put("a.jsonl", 0, 1, 4, age=20)
        counted = read_watched(catalog, source, "r", settings)
        assert (counted.n_read, counted.n_new, counted.n_known) == (3, 1, 2)
        (inbox / "d.bin").write_bytes(b"\0\1")
        os.utime(inbox / "d.bin", (1, 1))
        assert read_watched(catalog, source, "r", settings).n_rejected == 1
        assert read_watched(catalog, source, "r", settings).n_read == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "sources:\n  - name: a\n    feeed: http://e.org/\n",
            ":3: sources.0.feeed: unknown setting",
        ),
        ("sources:\n  - name: a\n", ":2: sources.0: a needs exactly one of feed, url"),
        ("sources:\n  - {name: a, feed: 'http://e.org/', folder: x}\n", "not feed and folder"),
        ("sources:\n  - {name: a, feed: 'ftp://e.org/'}\n", "http and https are"),
        (
            "sources:\n  - {name: a, folder: x}\n  - {name: a, folder: y}\n",
            ":3: sources: the name a",
        ),
        ("fetching:\n  delay_seconds: -1\n", "delay_seconds must be between 0 and 600"),
        ("sources:\n  - {name: a, feed: 'http://me:secret@e.org/'}\n", "~/.netrc"),
    ],
)
def test_a_mistake_in_a_source_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_settings(file)
    assert words in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_without_sources_a_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to take in"):
        choose_sources([], make(tmp_path))


def test_the_outlet_of_a_run_is_that_of_the_addresses_it_is_given(
    site: Site, tmp_path: Path
) -> None:
    settings = make(tmp_path)
    named = replace(settings, ingest=replace(settings.ingest, outlet="Kelmar Courier"))
    (source,) = choose_sources([f"{site.url}/rss"], named).web
    assert source.outlet == "Kelmar Courier"
    (source,) = choose_sources([f"{site.url}/rss"], settings).web
    assert source.outlet is None
