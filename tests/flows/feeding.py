"""Feeds and pages that tests serve, and settings that take them in without waiting."""

from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.flows.driving import hashing_settings, sample_rows
from tests.sources.serving import Reply, Site
from wirethread.flows.runs.results import RunResult
from wirethread.flows.settings.config import Settings
from wirethread.sources.settings import FetchSettings, SourceSettings

__all__ = ["FETCHING", "ROWS", "counts", "html", "item", "keep_unless_changed", "make", "rss"]

FETCHING = FetchSettings(
    delay_seconds=0, allow_private_addresses=True, retries=0, total_seconds=2, revisit_minutes=0
)
ROWS = sample_rows()


def item(number: int, *, path: str | None = None, text: str = "", date: str = "10:00:00") -> str:
    """Return an entry of a feed about a record of the sample."""
    row = ROWS[number]
    body = f"<content:encoded><![CDATA[{text}]]></content:encoded>" if text else ""
    return (
        f"<item><title>{row['title']}</title><link>{path or f'/{number}'}</link>"
        f"<guid isPermaLink='false'>g{number}</guid>{body}"
        f"<pubDate>Mon, 11 Mar 2024 {date} GMT</pubDate></item>"
    )


def rss(*items: str) -> str:
    """Return a feed."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content='
        f'"http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>{"".join(items)}'
        "</channel></rss>"
    )


def html(number: int, extra: str = "") -> str:
    """Return the page of a record."""
    row = ROWS[number]
    paragraphs = "".join(f"<p>{line}</p>" for line in row["text"].split("\n") if line.strip())
    return (
        f"<html><head><title>{row['title']}</title></head><body><article><h1>{row['title']}</h1>"
        f"{paragraphs}{extra}</article></body></html>"
    )


def make(folder: Path, *sources: SourceSettings, **fetching: object) -> Settings:
    """Return settings with these sources, and what `fetching` changes."""
    return hashing_settings(
        folder,
        sources=sources,
        fetching=replace(FETCHING, **fetching),  # type: ignore[arg-type]
    )


def counts(result: RunResult) -> tuple[int, ...]:
    """Return feeds, unchanged feeds, pages, new articles and rejected ones of a run."""
    names = ("n_feeds", "n_unchanged_feeds", "n_pages", "n_new_articles", "n_rejected")
    return tuple(result.count("read", name) for name in names)


def keep_unless_changed(site: Site, path: str, etag: str) -> None:
    """Answer who has seen this state of a path with 304, and all others as before."""
    first = site.answers[path]
    assert isinstance(first, tuple)

    def answer(call: BaseHTTPRequestHandler) -> Reply:
        return (304, {}, b"") if call.headers["If-None-Match"] == etag else first

    site.answers[path] = answer
