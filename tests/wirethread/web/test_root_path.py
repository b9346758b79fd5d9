"""The page under a path of another host, behind a proxy that passes the path on or takes it off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wirethread.articles.errors import ConfigError
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings


@pytest.fixture(scope="module")
def asking(published: Path, hashing_file: Path) -> Iterator[TestClient]:
    settings = WebSettings(folder=published, config=hashing_file, root_path="/wire")
    with TestClient(make_app(settings), base_url="http://localhost") as client:
        yield client


def read_links(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src|action|data-hx-get)="(/[^"]*)"', page))


def test_every_link_of_a_page_stays_under_the_path(asking: TestClient) -> None:
    thread = asking.get("/wire/.json?sort=copied").json()["threads"][0]["thread_id"]
    story = asking.get(f"/wire/story/{thread}.json").json()
    article = max(story["articles"], key=lambda one: one["wire_share"] or 0)["article_id"]
    other = story["copies"][0]["origin_id"]
    for path in (
        "/", f"/story/{thread}", f"/article/{article}", f"/passage/{story['passages'][0]['passage_id']}",
        f"/compare/{article}/{other}", "/search?text=quake&by=words", "/outdated", "/outlets",
        "/agencies", "/corrections", "/runs", "/sources", "/rejected", "/help",
        "/sql?sql=SELECT+article_id+FROM+articles",
    ):  # fmt: skip
        links = read_links(asking.get(f"/wire{path}").text)
        assert "/wire/static/page.css" in {link.partition("?")[0] for link in links}
        assert {link for link in links if not link.startswith("/wire/")} == set(), path


def test_a_proxy_may_take_the_path_off_or_pass_it_on(asking: TestClient) -> None:
    assert asking.get("/help.json").json() == asking.get("/wire/help.json").json()
    assert "/wire/help" in asking.get("/wire").text


def test_what_leads_on_leads_on_under_the_path(asking: TestClient) -> None:
    thread = asking.get("/.json").json()["threads"][0]["thread_id"]
    moved = asking.get(f"/story/{thread[:10]}", follow_redirects=False)
    assert moved.headers["location"] == f"/wire/story/{thread}"
    problem = asking.get("/article/nothing.json").json()
    assert problem["type"] == "/wire/help#problem-404"
    assert problem["instance"] == "/wire/article/nothing.json"
    feed = asking.get("/threads.feed.json?min_articles=2").json()
    assert feed["feed_url"] == "http://localhost/wire/threads.feed.json?min_articles=2"
    assert feed["items"][0]["url"].startswith("http://localhost/wire/story/")
    assert asking.get("/openapi.json").json()["servers"] == [{"url": "/wire"}]


@pytest.mark.parametrize("path", ["wire", "/wire/", "/a b", "//evil.example"])
def test_a_path_that_is_none_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match="root path"):
        WebSettings(folder=tmp_path, root_path=path)
