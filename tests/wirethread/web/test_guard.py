"""Who may ask what: names of the host, other sites, tokens, proxies, sizes, and code in pages."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wirethread.articles.errors import ConfigError
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

TOKEN = "a-secret-of-many-letters"
PATHS = ["/", "/search", "/outdated", "/agencies", "/outlets", "/corrections", "/runs", "/sources"]


def test_the_site_answers_under_its_own_names_only(client: TestClient) -> None:
    assert client.get("/help", headers={"host": "localhost:8517"}).status_code == 200
    assert client.get("/help", headers={"host": "127.0.0.1"}).status_code == 200
    assert client.get("/help", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/help", headers={"host": "localhost.evil.example"}).status_code == 421


@pytest.mark.parametrize("path", [*PATHS, "/sql", "/help", "/rejected", "/sign-in"])
def test_no_page_carries_code_or_style_inline(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert not re.search(r"<[^>]+\s(?:on\w+|style)\s*=", answer.text)
    assert re.findall(r"<script(?![^>]*\ssrc=)", answer.text) == []
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)


def test_links_to_articles_tell_the_other_site_nothing(client: TestClient) -> None:
    page = client.get(
        "/article/"
        + client.get("/story/" + first_thread(client) + ".json").json()["articles"][0]["article_id"]
    ).text
    outside = re.findall(r'<a class="outside"[^>]*>', page)
    assert outside
    assert all('rel="noreferrer noopener external"' in link for link in outside)


def first_thread(client: TestClient) -> str:
    return str(client.get("/.json?sort=copied").json()["threads"][0]["thread_id"])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 202),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost"}, 202),
        ({}, 202),
    ],
)
def test_a_change_is_taken_from_the_page_itself_only(
    writable: TestClient, headers: dict[str, str], status: int
) -> None:
    change = {"kind": "together", "left": "a", "right": "b", "said_by": "somebody"}
    assert writable.post("/corrections", json=change, headers=headers).status_code == status


def test_a_read_only_site_takes_no_change(client: TestClient) -> None:
    for path in ("/corrections", "/corrections/dismiss", "/sql/save"):
        answer = client.post(path, json={"kind": "together"})
        assert answer.status_code == 403


def test_a_large_body_is_refused_before_it_is_read(writable: TestClient) -> None:
    assert writable.post("/corrections", content=b"x" * (2 << 20)).status_code == 413


def test_off_loopback_a_token_or_a_named_proxy_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="other machines"):
        WebSettings(folder=tmp_path, host="0.0.0.0")
    assert WebSettings(folder=tmp_path, host="0.0.0.0", token=TOKEN).token == TOKEN
    with pytest.raises(ConfigError, match="16 characters"):
        WebSettings(folder=tmp_path, token="short")


def test_without_the_token_nothing_is_shown(published: Path, hashing_file: Path) -> None:
    settings = WebSettings(folder=published, config=hashing_file, token=TOKEN)
    with TestClient(make_app(settings), base_url="http://localhost") as asking:
        assert asking.get("/").status_code == 401
        assert asking.get("/openapi.json").status_code == 401
        browser = asking.get("/", headers={"accept": "text/html"}, follow_redirects=False)
        assert (browser.status_code, browser.headers["location"]) == (303, "/sign-in")
        assert asking.get("/sign-in").status_code == 200
        bearer = {"authorization": f"Bearer {TOKEN}"}
        assert asking.get("/help", headers=bearer).status_code == 200
        wrong = {"authorization": f"Bearer {TOKEN}x"}
        assert asking.get("/help", headers=wrong).status_code == 401
        form = {"token": TOKEN}
        signed = asking.post("/sign-in", data=form, follow_redirects=False)
        assert signed.status_code == 303
        cookie = signed.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert asking.get("/help").status_code == 200


@pytest.mark.thorough
def test_behind_a_proxy_only_the_proxy_may_connect(published: Path, hashing_file: Path) -> None:
    settings = WebSettings(folder=published, config=hashing_file, proxy="10.1.2.3")
    app = make_app(settings)
    with TestClient(app, base_url="http://localhost", client=("10.1.2.3", 1)) as proxy:
        assert proxy.get("/help").status_code == 200
    with TestClient(app, base_url="http://localhost", client=("10.9.9.9", 1)) as other:
        assert other.get("/help").status_code == 403


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "CREATE TABLE memory.main.x AS SELECT 1",
        "EXPLAIN ANALYZE CREATE TABLE memory.main.x AS SELECT 1",
        "SET threads = 1",
        "SELECT 1; SELECT 2",
        "INSTALL httpfs",
    ],
)
def test_sql_can_neither_write_nor_read_files(client: TestClient, sql: str) -> None:
    for form in ("json", "csv", "parquet"):
        assert client.get(f"/sql.{form}", params={"sql": sql}).status_code == 422


def test_a_query_that_takes_too_long_is_stopped(published: Path, hashing_file: Path) -> None:
    settings = WebSettings(folder=published, config=hashing_file, query_seconds=0.2)
    with TestClient(make_app(settings), base_url="http://localhost") as asking:
        answer = asking.get("/sql.json", params={"sql": "SELECT count(*) FROM range(100000000000)"})
    assert answer.status_code == 422
    assert "0.2 s" in answer.json()["detail"]


def test_rows_past_the_limit_are_said_to_be_cut_off(client: TestClient) -> None:
    answer = client.get("/sql.json", params={"sql": "SELECT * FROM range(1001)"}).json()
    assert len(answer["rows"]) == 1000
    assert answer["truncated"] is True
    exact = client.get("/sql.json", params={"sql": "SELECT * FROM range(1000)"}).json()
    assert exact["truncated"] is False
    whole = client.get("/sql.csv", params={"sql": "SELECT * FROM range(1001)"}).text
    assert len(whole.splitlines()) == 1002


def test_days_that_python_does_not_know_are_shown_all_the_same(client: TestClient) -> None:
    sql = "SELECT DATE '11000-01-01' AS day, 'infinity'::TIMESTAMP AS moment, 1 AS n, 2 AS n"
    answer = client.get("/sql.json", params={"sql": sql}).json()
    assert answer["rows"] == [["11000-01-01", "infinity", 1, 2]]
    for form in ("csv", "ndjson", "parquet", "arrow"):
        assert client.get(f"/sql.{form}", params={"sql": sql}).status_code == 200


def test_a_query_without_rows_names_its_columns(client: TestClient) -> None:
    answer = client.get("/sql.json", params={"sql": "SELECT 1 AS one LIMIT 0"}).json()
    assert answer["columns"] == ["one"]
    assert answer["rows"] == []


@pytest.mark.parametrize("form", ["json", "csv", "ndjson", "parquet", "arrow"])
def test_every_kind_of_value_can_be_taken_out(client: TestClient, form: str) -> None:
    sql = (
        "SELECT {'a': 1} AS pair, map([1], [2]) AS mapped, INTERVAL 1 DAY AS gap,"
        " '\\xff'::BLOB AS bytes, uuid() AS id, 1::HUGEINT AS huge, TIME '12:00' AS clock,"
        " [1, 2] AS list, NULL AS nothing, 1.5::DECIMAL(4, 2) AS exact"
    )
    assert client.get(f"/sql.{form}", params={"sql": sql}).status_code == 200


def test_a_time_before_all_years_is_a_mistake_of_the_asker(client: TestClient) -> None:
    assert client.get("/.json?since=0001-01-01T00:00:00%2B14:00").status_code == 422
