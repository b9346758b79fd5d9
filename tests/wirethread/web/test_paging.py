"""Lists go on where they ended, also when something was published meanwhile."""

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.web.app import make_app
from wirethread.web.asking import encode_next
from wirethread.web.settings import WebSettings


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture
def asking(folder: Path, hashing_file: Path) -> Iterator[TestClient]:
    with TestClient(
        make_app(WebSettings(folder=folder, config=hashing_file)), base_url="http://localhost"
    ) as client:
        yield client


def test_runs_go_on_behind_the_last_one_though_a_newer_run_was_published(
    asking: TestClient, folder: Path
) -> None:
    with Catalog.open(folder) as catalog:
        for name in ("20990101T000000Z-1", "20990102T000000Z-1"):
            catalog.runs.begin_run(name, [], "{}")
        publish_snapshot(catalog, force=True)
    first = asking.get("/runs.json?limit=1").json()
    with Catalog.open(folder) as catalog:
        catalog.runs.begin_run("20990103T000000Z-1", [], "{}")
        publish_snapshot(catalog, force=True)
    second = asking.get(f"/runs.json?limit=1&next={first['next']}").json()
    assert first["runs"][0]["run_id"] == "20990102T000000Z-1"
    assert second["runs"][0]["run_id"] == "20990101T000000Z-1"


@pytest.mark.parametrize("sort", ["newest", "growing", "copied", "dependent"])
def test_threads_go_on_without_gap_or_repeat_in_every_order(asking: TestClient, sort: str) -> None:
    whole = [
        one["thread_id"] for one in asking.get(f"/.json?limit=1000&sort={sort}").json()["threads"]
    ]
    seen: list[str] = []
    word: str | None = ""
    while word is not None:
        answer = asking.get(f"/.json?limit=4&sort={sort}&next={word}").json()
        seen += [one["thread_id"] for one in answer["threads"]]
        word = answer["next"]
    assert seen == whole
    assert len(set(whole)) == len(whole)


def test_a_place_in_one_order_is_none_in_another(asking: TestClient) -> None:
    word = asking.get("/.json?limit=2&sort=copied").json()["next"]
    answer = asking.get(f"/.json?limit=2&sort=dependent&next={word}")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("next:")


def test_outlets_go_on_without_gap_or_repeat(asking: TestClient) -> None:
    whole = [one["outlet"] for one in asking.get("/outlets.json").json()["outlets"]]
    first = asking.get("/outlets.json?limit=5").json()
    rest = asking.get(f"/outlets.json?next={first['next']}").json()
    assert [one["outlet"] for one in (*first["outlets"], *rest["outlets"])] == whole
    assert rest["next"] is None


def test_a_search_goes_on_without_gap_or_repeat(asking: TestClient) -> None:
    asked = "/search.json?text=earthquake+rescuers"
    whole = [one["first"] for one in asking.get(f"{asked}&limit=100").json()["groups"]]
    seen: list[object] = []
    word: str | None = ""
    while word is not None and len(seen) < len(whole):
        answer = asking.get(f"{asked}&limit=30&next={word}").json()
        seen += [one["first"] for one in answer["groups"]]
        word = answer["next"]
    assert len(whole) == 100
    assert seen[:100] == whole
    page = asking.get("/search?text=earthquake+rescuers&outlet=&by=words&limit=3").text
    (link,) = re.findall(r'href="(\?[^"]*)" rel="next"', page)
    behind = asking.get(f"/search{html.unescape(link)}").text
    assert "earthquake rescuers</textarea>" in behind
    assert asking.get(f"{asked}&next={encode_next([-1])}").status_code == 422
    assert asking.get(f"{asked}&next={encode_next([2_000_000])}").status_code == 422


def test_a_kind_of_notice_that_there_is_not_is_told(asking: TestClient) -> None:
    assert asking.get("/outdated.json?kind=kill").status_code == 200
    assert asking.get("/outdated.json?kind=").status_code == 200
    refused = asking.get("/outdated.json?kind=kil")
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("kind: 'kil' is none of kill, withdrawal, hold,")
    assert asking.get("/outdated.csv?kind=advisory").status_code == 422
