"""Alerts: each once for its story and rule, again until it arrives, never with a secret."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.flows.settings.sections import AlertSettings
from wirethread.flows.steps import alerts
from wirethread.flows.steps.delivery import DeliveryError, Destination, deliver


@dataclass
class Receiver:
    """A web server that keeps what it is sent."""

    address: str = ""
    status: int = 200
    seconds: float = 0.0
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()
    slow = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append(json.loads(body))
            kept.headers.append(self.headers.get("Authorization"))
            slow.wait(kept.seconds)
            self.send_response(kept.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    kept.address = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    slow.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("news")
    return (
        write_lines(folder / "first.jsonl", sample_rows(FIRST_DAY)),
        write_lines(folder / "second.jsonl", sample_rows(SECOND_DAY)),
    )


def test_a_story_is_told_once_when_it_passes_the_size_and_another_day_tells_only_others(
    news: tuple[Path, Path], receiver: Receiver, tmp_path: Path
) -> None:
    settings = hashing_settings(
        tmp_path, alerts=AlertSettings(webhook=receiver.address, story_articles=3)
    )
    run_plainly([news[0]], settings)
    told = [one["story"]["cluster_id"] for one in receiver.got]
    large = fetch(tmp_path, "SELECT cluster_id FROM story_clusters WHERE n_articles >= 3")
    assert sorted(told) == sorted(one for (one,) in large)
    first = receiver.got[0]
    assert first["rule"] == "story_articles 3"
    assert first["story"]["n_articles"] == len(first["story"]["articles"]) == 4
    assert "4 articles in 4 outlets" in first["text"]
    run_plainly([news[1]], settings)
    ids = [one["id"] for one in receiver.got]
    assert len(ids) == len(set(ids))
    assert len({one["story"]["cluster_id"] for one in receiver.got}) == len(ids)


@pytest.mark.thorough
def test_a_receiver_that_fails_gets_the_alert_from_the_next_run_under_the_same_id(
    news: tuple[Path, Path], receiver: Receiver, tmp_path: Path
) -> None:
    settings = hashing_settings(
        tmp_path, alerts=AlertSettings(webhook=receiver.address, story_articles=4)
    )
    receiver.status = 503
    failed = run_plainly([news[0]], settings)
    assert failed.count("alert", "n_unsent_alerts") == 1
    assert fetch(tmp_path, "SELECT state FROM runs") == [("finished",)]
    assert fetch(tmp_path, "SELECT sent_at IS NULL, last_error FROM alerts") == [
        (True, "127.0.0.1: answered with status 503")
    ]
    receiver.status = 204
    again = run_plainly([news[0]], settings)
    assert again.count("alert", "n_sent_alerts") == 1
    assert receiver.got[0] == receiver.got[1]
    assert run_plainly([news[0]], settings).count("alert", "n_sent_alerts") == 0
    assert len(receiver.got) == 2


@pytest.mark.thorough
def test_what_a_killed_run_left_untold_is_told_by_the_next(
    news: tuple[Path, Path], receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = hashing_settings(
        tmp_path, alerts=AlertSettings(webhook=receiver.address, story_articles=4)
    )
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "find_alerts", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_plainly([news[0]], settings)
    assert receiver.got == []
    run_plainly([news[0]], settings)
    assert len(receiver.got) == 1


@pytest.mark.thorough
def test_an_old_archive_is_not_told_all_at_once(
    news: tuple[Path, Path], receiver: Receiver, tmp_path: Path
) -> None:
    run_plainly([news[0]], hashing_settings(tmp_path))
    told = AlertSettings(webhook=receiver.address, story_articles=2, credited_passage=True)
    run_plainly([news[0]], hashing_settings(tmp_path, alerts=told))
    assert receiver.got == []


@pytest.mark.thorough
def test_credited_copy_is_told_once_for_its_article_and_only_of_the_agencies_asked(
    news: tuple[Path, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.jsonl"
    command = (
        sys.executable,
        "-c",
        f"import sys; open({str(kept)!r}, 'a').write(sys.stdin.read())",
    )
    settings = hashing_settings(
        tmp_path / "data",
        alerts=AlertSettings(command=command, credited_passage=True, agencies=("reuters.com",)),
    )
    for source in (*news, *news):
        run_plainly([source], settings)
    told = [json.loads(line)["copy"] for line in kept.read_text(encoding="utf-8").splitlines()]
    assert {one["agency"] for one in told} == {"Reuters"}
    subjects = [one["subject_id"] for one in told]
    assert len(subjects) == len(set(subjects)) > 1
    assert "(Reuters)" in told[0]["evidence"] or "Reuters" in told[0]["reason"]


@pytest.mark.thorough
def test_a_secret_comes_from_the_environment_and_is_written_nowhere(
    news: tuple[Path, Path], receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "sesame-4711")
    settings = hashing_settings(
        tmp_path,
        alerts=AlertSettings(
            webhook=receiver.address,
            headers={"Authorization": "Bearer ${HOOK_TOKEN}"},
            story_articles=4,
        ),
    )
    run_plainly([news[0]], settings)
    assert receiver.headers == ["Bearer sesame-4711"]
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"sesame-4711" not in path.read_bytes(), path


def reach(channel: str = "webhook", **changes: Any) -> Destination:
    values: dict[str, Any] = {"webhook": "", "headers": {}, "command": (), "timeout_seconds": 0.3}
    return Destination(**{**values, **changes})


def test_a_receiver_that_hangs_or_redirects_is_given_up(receiver: Receiver) -> None:
    receiver.seconds = 5
    with pytest.raises(DeliveryError, match=r"no answer within 0\.3 seconds"):
        deliver("webhook", "{}", reach(webhook=receiver.address))
    receiver.seconds, receiver.status = 0, 302
    with pytest.raises(DeliveryError, match="answered with status 302"):
        deliver("webhook", "{}", reach(webhook=receiver.address))
    with pytest.raises(DeliveryError, match="the environment has no variable NO_SUCH"):
        deliver("webhook", "{}", reach(webhook="https://example.org/${NO_SUCH}"))
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1: ConnectError"):
        deliver("webhook", "{}", reach(webhook="http://127.0.0.1:1/secret-path"))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/no/such/program",), "No such file"),
        (("sh", "-c", "echo no room >&2; exit 3"), "status 3: no room"),
        (("sh", "-c", "sleep 30 & wait"), "not done within"),
    ],
)
def test_a_command_that_fails_is_told_with_the_reason(command: tuple[str, ...], words: str) -> None:
    with pytest.raises(DeliveryError, match=words):
        deliver("command", "{}", reach(command=command))


def test_alerts_that_could_never_be_sent_are_refused_in_the_settings() -> None:
    with pytest.raises(ValueError, match="need a webhook, a command or"):
        AlertSettings(story_articles=5)
    with pytest.raises(ValueError, match="need an occasion"):
        AlertSettings(webhook="https://example.org/hook")
    with pytest.raises(ValueError, match="begins with http"):
        AlertSettings(webhook="ftp://example.org", credited_passage=True)
    with pytest.raises(ValueError, match="story_articles must be at least 2, not 1"):
        AlertSettings(webhook="https://example.org", story_articles=1)


COPIED = (
    "Harbour pilots in Linden Pass refused on Tuesday to bring in the grain ship Aurelia after"
    " divers found a crack as long as a bus below her waterline, the third such ship this month."
)


def write_copies(folder: Path, credit: str) -> Path:
    """A paper's own report, and another paper that runs its words hours later."""
    own = f"The council will hear the owners on Friday, a clerk said. {credit}".strip()
    rows = [
        {"id": "a", "outlet": "Linden Post", "title": "Pilots refuse a cracked ship",
         "text": f"{COPIED}\n\nThe crew stays on board for now, its captain told this paper.",
         "published_at": "2024-03-11T08:00:00Z"},
        {"id": "b", "outlet": "Coast Daily", "title": "Cracked ship waits outside",
         "text": f"{COPIED}\n\n{own}", "published_at": "2024-03-11T12:00:00Z"},
    ]  # fmt: skip
    return write_lines(folder / "copies.jsonl", rows)


@pytest.mark.thorough
def test_copy_from_an_outlet_without_credit_is_told_once(
    receiver: Receiver, tmp_path: Path
) -> None:
    told = AlertSettings(webhook=receiver.address, uncredited_from=("linden post",))
    settings = hashing_settings(tmp_path / "data", alerts=told)
    run_plainly([write_copies(tmp_path, "")], settings)
    (alert,) = receiver.got
    assert alert["rule"] == "uncredited_from Linden Post"
    assert (alert["copy"]["to_outlet"], alert["copy"]["relation"]) == ("Coast Daily", "verbatim")
    assert alert["text"].startswith("Coast Daily runs 34 words of Linden Post without credit")
    run_plainly([write_copies(tmp_path, "")], settings)
    assert len(receiver.got) == 1
    others = AlertSettings(webhook=receiver.address, uncredited_from=("Coast Daily",))
    run_plainly([write_copies(tmp_path, "")], hashing_settings(tmp_path / "b", alerts=others))
    assert len(receiver.got) == 1, "who had the words first took nothing"


def test_outdated_words_of_an_outlet_are_told_for_that_outlet_only(
    receiver: Receiver, tmp_path: Path
) -> None:
    old = (
        "PORT VARRIN (Reuters) - The harbour fund of Linden Pass lost 40 million crowns in a year"
        " and closed its books late, its auditor told a hearing on Monday morning in the town hall."
    )
    new = old.replace("40 million", "14 million")
    notice = "(Corrects the sum in the first paragraph to 14 million crowns, not 40 million)"
    rows = [
        {"id": "r1", "outlet": "Reuters", "title": "Fund loses 40 million", "text": old,
         "published_at": "2024-03-11T08:00:00Z"},
        *(
            {"id": name, "outlet": name, "title": f"Fund in trouble: {name}", "text": old,
             "published_at": "2024-03-11T10:00:00Z"}
            for name in ("Coast Daily", "Linden Post")
        ),
        {"id": "r2", "outlet": "Reuters", "title": "CORRECTED-Fund loses 14 million",
         "text": f"{notice}\n\n{new}", "published_at": "2024-03-11T11:00:00Z"},
    ]  # fmt: skip
    told = AlertSettings(webhook=receiver.address, outdated_outlets=("Coast Daily",))
    settings = hashing_settings(tmp_path / "data", alerts=told)
    run_plainly([write_lines(tmp_path / "n.jsonl", rows)], settings)
    outlets = fetch(tmp_path / "data", "SELECT DISTINCT outlet FROM outdated_copies ORDER BY 1")
    assert outlets == [("Coast Daily",), ("Linden Post",)]
    (alert,) = receiver.got
    assert alert["outdated"]["outlet"] == "Coast Daily"
    assert alert["outdated"]["kind"] == "correction"
    assert "Coast Daily still runs words of Reuters (correction)" in alert["text"]


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_apprise_gets_the_words_and_its_secrets_are_not_told(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", receiver.address.removeprefix("http://"))
    told = AlertSettings(apprise=("json://${HOOK}",), uncredited_from=("Linden Post",))
    run_plainly([write_copies(tmp_path, "")], hashing_settings(tmp_path / "data", alerts=told))
    (message,) = receiver.got
    assert message["title"] == "wirethread: uncredited_from Linden Post"
    assert "without credit" in message["message"]
    with pytest.raises(DeliveryError, match=r"^apprise: not delivered to mailtos$"):
        deliver(
            "apprise",
            '{"rule": "x", "text": "y"}',
            Destination(
                webhook="", headers={}, command=(), timeout_seconds=5,
                apprise=("mailtos://user:secret@127.0.0.1:1",),
            ),
        )  # fmt: skip
    with pytest.raises(ValueError, match="apprise must be addresses"):
        AlertSettings(apprise=("somebody",), credited_passage=True)
