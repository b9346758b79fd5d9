"""The site over the published sample, asked without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from wirethread.questions import query_sql
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings


@pytest.fixture(scope="session")
def hashing_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A settings file that names the small model of the tests."""
    file = tmp_path_factory.mktemp("web") / "hashing.yaml"
    file.write_text("embedding:\n  model: hashing\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def client(published: Path, hashing_file: Path) -> Iterator[TestClient]:
    """Somebody who asks the site, read-only."""
    app = make_app(WebSettings(folder=published, config=hashing_file))
    with TestClient(app, base_url="http://localhost") as asking:
        yield asking


@pytest.fixture(scope="session")
def find_id(published: Path) -> Any:
    """Return the id of the first article with this outlet and beginning of a headline."""

    def find(outlet: str, headline: str) -> str:
        rows = query_sql(
            published,
            "SELECT article_id FROM articles WHERE outlet = $1 AND starts_with(headline, $2)",
            [outlet, headline],
        )
        return str(rows[0]["article_id"])

    return find


@pytest.fixture(scope="module")
def writable(
    published: Path, hashing_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """Somebody who may correct a copy of the sample; nothing works on the changes by itself."""
    folder = Path(shutil.copytree(published, tmp_path_factory.mktemp("writable") / "data"))
    app = make_app(WebSettings(folder=folder, config=hashing_file, allow_corrections=True))
    yield TestClient(app, base_url="http://localhost")
