"""Lists as files and feeds, and the description of it all."""

import csv
import io
import json
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from starlette.testclient import TestClient

from wirethread.web.api.feeds import ATOM

LISTS = ["threads", "outdated", "outlets", "agencies", "runs", "sources", "rejected", "corrections"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_the_same_in_every_form(client: TestClient, name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"/{name}.csv").text)))
    table = parquet.read_table(io.BytesIO(client.get(f"/{name}.parquet").content))
    with pa.ipc.open_stream(client.get(f"/{name}.arrow").content) as stream:
        assert stream.read_all().equals(table)
    lines = client.get(f"/{name}.ndjson").text.splitlines()
    assert len(rows) == table.num_rows == len(lines)
    if lines:
        assert list(json.loads(lines[0])) == table.column_names == list(rows[0])


@pytest.mark.parametrize(
    ("full", "empty"),
    [
        ("/threads", "/threads?since=2999-01-01"),
        ("/search?text=Ostrel+earthquake&by=words", "/search?text=zzyzx+qwv&by=words"),
    ],
)
def test_an_empty_list_has_the_columns_and_types_of_a_full_one(
    client: TestClient, full: str, empty: str
) -> None:
    def read(form: str, address: str) -> pa.Table:
        path, _, query = address.partition("?")
        content = client.get(f"{path}.{form}?{query}").content
        if form == "parquet":
            return parquet.read_table(io.BytesIO(content))
        with pa.ipc.open_stream(content) as stream:
            return stream.read_all()

    for form in ("parquet", "arrow"):
        some, none = read(form, full), read(form, empty)
        assert some.num_rows > 0 == none.num_rows
        assert none.schema.equals(some.schema)
        assert not any(pa.types.is_null(one.type) for one in some.schema)


def test_a_list_that_is_empty_in_the_whole_archive_has_types_too(client: TestClient) -> None:
    table = parquet.read_table(io.BytesIO(client.get("/outdated.parquet").content))
    assert table.num_rows == 0
    assert table.schema.field("published_at").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("begin").type == pa.int64()
    assert table.schema.field("outlet").type == pa.string()


def test_a_file_holds_all_rows_whatever_the_page_shows(client: TestClient) -> None:
    shown = client.get("/.json?limit=2").json()
    assert len(shown["threads"]) == 2
    lines = client.get("/threads.ndjson").text.splitlines()
    assert len(lines) == shown["n_threads"] > 2


def test_a_feed_names_its_entries_for_good(client: TestClient) -> None:
    root = ElementTree.fromstring(client.get("/threads.atom").content)
    ids = [one.text for one in root.iter(f"{{{ATOM}}}id")]
    threads = client.get("/.json?limit=50").json()["threads"]
    assert ids[1:] == [f"urn:wirethread:story:{one['thread_id']}" for one in threads]
    feed = client.get("/threads.feed.json").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["id"] for one in feed["items"]] == ids[1:]


def test_a_saved_search_can_be_followed(client: TestClient) -> None:
    feed = client.get("/search.feed.json", params={"text": "Ostrel earthquake"}).json()
    assert any("Ostrel" in one["content_text"] for one in feed["items"])


def test_a_story_can_be_followed(client: TestClient) -> None:
    thread = client.get("/.json?sort=copied").json()["threads"][0]
    feed = client.get(f"/story/{thread['thread_id']}.feed.json").json()
    assert len(feed["items"]) == thread["n_articles"]


@pytest.mark.parametrize("word", ["nonsense", "bnVsbA", "WzFd", "W251bGwsIDFd", "%00"])
def test_a_next_that_is_none_of_ours_is_refused(client: TestClient, word: str) -> None:
    answer = client.get(f"/.json?next={word}")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "next: this is no place in this list"


def test_the_description_names_every_address_once(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operations = [
        one["operationId"] for path in described["paths"].values() for one in path.values()
    ]
    assert len(operations) == len(set(operations))
    for name in LISTS:
        assert f"/{name}.csv" in described["paths"]
    for path in ("/.json", "/article/{key}.json", "/compare/{left}/{right}.json"):
        assert path in described["paths"]


@pytest.mark.parametrize("name", ["page.css", "htmx.min.js"])
def test_files_of_the_style_are_sent_packed_to_those_who_unpack_them(
    client: TestClient, name: str
) -> None:
    packed = client.get(f"/static/{name}", headers={"accept-encoding": "gzip"})
    plain = client.get(f"/static/{name}", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
