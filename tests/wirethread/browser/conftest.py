"""A real browser before the demo's own archive. Skipped, with the reason, where there is none."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Demo
from wirethread.questions import list_stories, query_sql
from wirethread.web.settings import WebSettings

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def serve(settings: WebSettings) -> Iterator[str]:
    """Serve in a thread; yields the address."""
    import uvicorn

    from wirethread.web.app import make_app

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(make_app(settings), log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    begun = time.monotonic()
    while not server.started and time.monotonic() - begun < 30:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()


@pytest.fixture(scope="session")
def address(browser: Any, demo: Demo) -> Iterator[str]:
    """The site over the demo, read-only."""
    assert demo.code == 0, demo.err
    with serve(WebSettings(folder=demo.folder)) as served:
        yield served


@pytest.fixture
def writable(browser: Any, demo: Demo, tmp_path: Path) -> Iterator[str]:
    """The site over a copy of the demo in which one may correct."""
    folder = Path(shutil.copytree(demo.folder, tmp_path / "data"))
    with serve(WebSettings(folder=folder, allow_corrections=True)) as served:
        yield served


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page that fails the test where its console shows an error."""
    contexts = []
    complaints: list[str] = []

    def open_at(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.goto(address)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def paths(demo: Demo, address: str) -> dict[str, str]:
    """Every page, with ids that the demo has."""
    article = query_sql(
        demo.folder,
        "SELECT article_id FROM articles WHERE outlet = 'Meridian Post'"
        " AND starts_with(headline, 'Anger grows')",
    )[0]["article_id"]
    source = query_sql(
        demo.folder,
        "SELECT origin_article_id AS id, passage_id FROM paragraph_sources"
        " WHERE article_id = $1 AND origin_article_id IS NOT NULL LIMIT 1",
        [article],
    )[0]
    thread = max(list_stories(demo.folder, limit=100), key=lambda one: one.n_articles)
    return {
        "front": "/",
        "story": f"/story/{thread.thread_id}",
        "article": f"/article/{article}",
        "passage": f"/passage/{source['passage_id']}",
        "compare": f"/compare/{article}/{source['id']}",
        "why": f"/compare/{article}/{source['id']}?why=true",
        "search": "/search?text=Rescuers+pulled+a+girl+from+the+rubble",
        "outdated": "/outdated",
        "outlets": "/outlets",
        "agencies": "/agencies",
        "corrections": "/corrections",
        "runs": "/runs",
        "sources": "/sources",
        "rejected": "/rejected",
        "sql": "/sql?sql=SELECT+outlet,+count(*)+FROM+articles+GROUP+BY+1",
        "help": "/help",
        "problem": "/article/nothing",
    }
