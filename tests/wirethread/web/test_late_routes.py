"""Pages are imported, and routes built, when their addresses are first asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.conftest import ROOT
from wirethread.web import app as whole
from wirethread.web.api.late_routes import LateRoute, LateRouter, find_root
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings
from wirethread.web.site import Site


@pytest.fixture
def fresh(published: Path, hashing_file: Path) -> Iterator[TestClient]:
    """Somebody who asks a site that nobody has asked yet."""
    app = make_app(WebSettings(folder=published, config=hashing_file))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_a_server_begins_without_its_pages(published: Path) -> None:
    program = (
        "import json, sys; from pathlib import Path; from wirethread.web.app import make_app;"
        "from wirethread.web.settings import WebSettings;"
        "make_app(WebSettings(folder=Path(sys.argv[1])));"
        "print(json.dumps([one for one in sys.modules if one.startswith('wirethread.')]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(published)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = json.loads(done.stdout)
    assert "wirethread.web.app" in loaded
    assert not [one for one in loaded if one.startswith("wirethread.web.pages.")]
    assert "wirethread.passage_search" not in loaded


@pytest.mark.parametrize("name", whole._PAGES)
def test_the_addresses_of_a_page_begin_as_its_module_is_listed(name: str, published: Path) -> None:
    site = Site(WebSettings(folder=published))
    whole._keep_changes(site)
    router = LateRouter()
    whole._add_page(site, name, router)
    site.close()
    late = [one for one in router.routes if isinstance(one, LateRoute)]
    assert len(late) == len(router.routes)
    assert {find_root(one.path) for one in late} == set(whole._PAGES[name])


def test_pages_are_there_whichever_is_asked_first(fresh: TestClient) -> None:
    assert fresh.get("/threads.csv").headers["content-type"].startswith("text/csv")
    assert fresh.get("/search.json", params={"text": "quake", "by": "words"}).json()["groups"]
    assert fresh.get("/sql.json", params={"sql": "SELECT 1 AS one"}).json()["rows"] == [[1]]
    assert "application/problem+json" in fresh.get("/story/nosuch.json").headers["content-type"]
    assert fresh.get("/story/nosuch.json").status_code == 404


def test_addresses_and_methods_that_are_not_there_are_told(fresh: TestClient) -> None:
    assert fresh.get("/nosuch").status_code == 404
    assert fresh.get("/search/nosuch").status_code == 404
    assert fresh.get("/searching").status_code == 404
    refused = fresh.post("/search", headers={"origin": "http://localhost"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


def test_the_description_has_every_route_and_they_answer_after_it(fresh: TestClient) -> None:
    paths = fresh.get("/openapi.json").json()["paths"]
    assert {find_root(path) for path in paths} == {
        root for roots in whole._PAGES.values() for root in roots
    } - {"sign-in"}
    assert len(paths) > 80
    assert fresh.get("/outlets.json").json()["outlets"]
    assert fresh.get("/nosuch").status_code == 404
