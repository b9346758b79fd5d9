"""The page over a shared archive: what it answers is what it answers over the folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.storage.shared.sharing import share
from wirethread.articles.errors import ConfigError
from wirethread.questions import query_sql
from wirethread.storage.shared_address import SharedAddress, parse_address
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

pytestmark = [pytest.mark.needs("duckdb_extension_ducklake"), pytest.mark.pipeline]

WORDS = "rescuers pulled survivors from the rubble"
ASKED = (
    "/",
    "/.json?sort=copied",
    "/agencies",
    "/outdated.json",
    "/outlets.csv",
    "/rejected",
    "/runs.json",
    "/sources",
    f"/search?by=words&text={WORDS}",
    f"/search.json?by=words&text={WORDS}",
    f"/search?by=meaning&text={WORDS}",
    f"/search.json?by=both&outlet=Reuters&text={WORDS}",
    f"/search.atom?text={WORDS}",
    "/article/{article}",
    "/article/{article}.json",
    "/story/{thread}",
    "/story/{thread}.json",
    "/passage/{passage}.json",
    "/compare/{left}/{right}",
    "/compare/{left}/{right}.json",
)
KEYS = (
    "SELECT (SELECT min(article_id) FROM articles) AS article, (SELECT max(thread_id) FROM"
    " story_threads) AS thread, (SELECT min(passage_id) FROM passages)"
    " AS passage, left_article_id AS left, right_article_id AS right FROM passage_matches"
    " ORDER BY ALL LIMIT 1"
)


@pytest.fixture(scope="module")
def shared(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAddress]:
    """The sample as a shared archive whose catalog is a file."""
    folder = tmp_path_factory.mktemp("lake")
    data = Path(shutil.copytree(published, folder / "data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield share(data, parse_address(f"ducklake:{folder / 'news.ducklake'}"), folder / "files")


@pytest.fixture(scope="module")
def sharing(shared: SharedAddress, hashing_file: Path) -> Iterator[TestClient]:
    """Somebody who asks the site over the shared archive."""
    app = make_app(WebSettings(folder=Path(shared.shown), config=hashing_file))
    with TestClient(app, base_url="http://localhost") as asking:
        yield asking


@pytest.mark.parametrize("asked", ASKED)
def test_a_page_over_a_shared_archive_is_that_over_the_folder(
    sharing: TestClient, client: TestClient, published: Path, asked: str
) -> None:
    address = asked.format(**query_sql(published, KEYS)[0])
    ours, theirs = sharing.get(address), client.get(address)
    assert (ours.status_code, theirs.status_code) == (200, 200)
    assert ours.text == theirs.text


def test_the_columns_of_a_shared_archive_are_explained(
    sharing: TestClient, client: TestClient
) -> None:
    ours, theirs = (one.get("/sql.json").json()["views"] for one in (sharing, client))
    assert [view for view in ours if view["name"] != "column_comments"] == theirs


def test_nobody_corrects_a_shared_archive_on_its_page(
    sharing: TestClient, shared: SharedAddress
) -> None:
    refused = sharing.post("/corrections", data={"kind": "undo", "left": "x", "said_by": "me"})
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        "this page is read-only: a shared archive is corrected on the machine that publishes there"
    )
    with pytest.raises(ConfigError, match="a shared archive is only read: do this on the machine"):
        WebSettings(folder=Path(shared.shown), allow_corrections=True)


def test_what_is_served_is_named_without_its_password() -> None:
    settings = WebSettings(folder=Path("ducklake:postgres:dbname=news password=tidewater"))
    assert settings.shown == "ducklake:postgres:dbname=news"
