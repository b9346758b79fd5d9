"""Corrections from the page: kept while a run writes, done afterwards, taken back."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.flows.driving import hashing_settings, run_plainly
from wirethread.questions import query_sql
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings
from wirethread.web.waiting import WaitingChanges, make_change

PATIENCE_SECONDS = 60


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture
def asking(folder: Path, hashing_file: Path) -> Iterator[TestClient]:
    settings = WebSettings(folder=folder, config=hashing_file, allow_corrections=True)
    with TestClient(make_app(settings), base_url="http://localhost") as client:
        yield client


def wait_until(is_done: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> None:
    begun = time.monotonic()
    while not is_done():
        assert time.monotonic() - begun < patience_seconds
        time.sleep(0.1)


def two_apart(folder: Path) -> tuple[str, str]:
    """Two articles of different story clusters."""
    rows = query_sql(
        folder,
        "SELECT cluster_id, min(article_id) AS article_id FROM story_cluster_articles"
        " GROUP BY cluster_id ORDER BY cluster_id LIMIT 2",
    )
    return str(rows[0]["article_id"]), str(rows[1]["article_id"])


def share_cluster(folder: Path, left: str, right: str) -> bool:
    rows = query_sql(
        folder,
        "SELECT count(DISTINCT cluster_id) AS n FROM story_cluster_articles"
        " WHERE article_id IN ($1, $2)",
        [left, right],
    )
    return int(rows[0]["n"]) == 1


def test_a_correction_waits_for_the_run_and_is_done_then(asking: TestClient, folder: Path) -> None:
    left, right = two_apart(folder)
    change = {"kind": "together", "left": left, "right": right, "reason": "one event"}
    with hold_run_lock(folder):
        answer = asking.post("/corrections", json={**change, "said_by": "Ada"})
        assert answer.status_code == 202
        waiting = asking.get("/corrections.json").json()["waiting"]
        assert [one["said_by"] for one in waiting] == ["Ada"]
        assert "Waiting" in asking.get("/corrections").text
    wait_until(lambda: not asking.get("/corrections.json").json()["waiting"])
    said = asking.get("/corrections.json").json()["corrections"]
    assert [(one["kind"], one["said_by"], one["reason"]) for one in said] == [
        ("together", "Ada", "one event")
    ]
    assert share_cluster(folder, left, right)
    undo = {"kind": "undo", "left": said[0]["correction_id"], "said_by": "Ada"}
    asking.post("/corrections", data=undo)
    wait_until(lambda: not asking.get("/corrections.json").json()["corrections"])
    assert not share_cluster(folder, left, right)
    with_undone = asking.get("/corrections.json?with_undone=true").json()["corrections"]
    assert len(with_undone) == 1


def test_a_correction_outlives_the_server_that_took_it(folder: Path, hashing_file: Path) -> None:
    left, right = two_apart(folder)
    died = WaitingChanges(folder, lambda: None)  # type: ignore[arg-type,return-value]
    died.add(make_change("together", left, right=right, reason="one event", said_by="Ada"))
    settings = WebSettings(folder=folder, config=hashing_file, allow_corrections=True)
    with TestClient(make_app(settings), base_url="http://localhost") as next_server:
        wait_until(lambda: not next_server.get("/corrections.json").json()["waiting"])
    assert share_cluster(folder, left, right)


@pytest.mark.thorough
def test_what_cannot_be_done_stays_with_the_reason_until_it_is_taken_away(
    asking: TestClient,
) -> None:
    change = {"kind": "apart", "left": "nobody", "right": "knows", "said_by": "Ada"}
    asking.post("/corrections", json=change)
    wait_until(lambda: bool(asking.get("/corrections.json").json()["waiting"][0]["problem"]))
    waiting = asking.get("/corrections.json").json()["waiting"]
    assert "nobody" in waiting[0]["problem"]
    asking.post("/corrections/dismiss", data={"change_id": waiting[0]["change_id"]})
    assert asking.get("/corrections.json").json()["waiting"] == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "together", "left": "a", "right": "b"}, "said_by"),
        ({"kind": "together", "left": "a", "said_by": "Ada"}, "right"),
        ({"kind": "pin_title", "left": "a", "said_by": "Ada"}, "title"),
        ({"kind": "burn", "left": "a", "said_by": "Ada"}, "kind"),
    ],
)
def test_a_change_that_lacks_a_word_is_refused_with_its_name(
    writable: TestClient, change: dict[str, str], word: str
) -> None:
    answer = writable.post("/corrections", json=change)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{word}:")


def test_only_what_was_set_aside_is_read_again(asking: TestClient) -> None:
    asking.post("/corrections", json={"kind": "try_again", "left": "/etc/passwd", "said_by": "Ada"})
    wait_until(lambda: bool(asking.get("/corrections.json").json()["waiting"][0]["problem"]))
    waiting = asking.get("/corrections.json").json()["waiting"]
    assert waiting[0]["problem"] == "nothing from /etc/passwd was set aside"


def test_a_query_is_saved_and_forgotten(writable: TestClient) -> None:
    def names() -> list[str]:
        return [one["name"] for one in writable.get("/sql.json").json()["saved"]]

    writable.post("/sql/save", data={"name": "mine", "sql": "SELECT 1"})
    assert "mine" in names()
    writable.post("/sql/save", data={"name": "mine", "forget": "1"})
    assert "mine" not in names()


@pytest.mark.slow
@pytest.mark.prefect
def test_what_was_set_aside_is_read_when_it_is_tried_again(
    asking: TestClient, folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "late.jsonl"
    source.write_text('{"id": "late-1", "title": "A bridge", "text": ""}\n', encoding="utf-8")
    run_plainly([source], hashing_settings(folder))
    rejected = asking.get("/rejected.json").json()["rejected"]
    assert [one["source_id"] for one in rejected] == ["late-1"]
    text = "The bridge at Mill Cross opened again on Monday after two years of repair."
    record = {"id": "late-1", "title": "A bridge", "text": text, "outlet": "Mill Cross Mail"}
    source.write_text(json.dumps(record) + "\n", encoding="utf-8")
    answer = asking.post(
        "/corrections",
        json={"kind": "try_again", "left": rejected[0]["source"], "said_by": "Ada"},
    )
    assert answer.status_code == 202
    wait_until(
        lambda: not asking.get("/corrections.json").json()["waiting"],
        patience_seconds=5 * PATIENCE_SECONDS,  # it starts a process with a run of its own
    )
    found = asking.get("/search.json?text=bridge+Mill+Cross+repair&by=words").json()
    assert found["groups"][0]["first"]["outlet"] == "Mill Cross Mail"


def test_a_way_back_may_hold_any_letters_but_no_other_site(writable: TestClient) -> None:
    change = {"kind": "together", "left": "a", "right": "b", "said_by": "Ada"}
    for back, location in (
        ("/search?text=漢", "/search?text=%E6%BC%A2"),
        ("/a\r\nset-cookie: x=1", "/a%0D%0Aset-cookie:%20x=1"),
        ("//evil.example", "/corrections"),
        ("/\\evil.example", "/corrections"),
        ("https://evil.example", "/corrections"),
    ):
        answer = writable.post(
            "/corrections", data={**change, "back": back}, follow_redirects=False
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == location
