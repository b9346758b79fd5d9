"""Words of articles are words: nothing in them acts on a page, a feed or a file."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from tests.flows.driving import hashing_settings, run_plainly
from wirethread.questions import query_sql
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

SCRIPT = "<script>alert(1)</script>"
TITLES = [
    f"{SCRIPT} storm reaches the harbour of Northmoor",
    '"><img src=x onerror=alert(2)> storm reaches the harbour of Northmoor',
    "' onmouseover='alert(3) storm reaches the harbour of Northmoor",
    "{{ 7 * 7 }} {% raw %} storm reaches the harbour of Northmoor",
    "\u202estorm\x00 \x1b[31m reaches the harbour ]]> of Northmoor </title>",
]
ADDRESSES = [
    "javascript:alert(4)",
    "data:text/html,<b>x",
    "file:///etc/passwd",
    "https://a.example/",
]
BODY = (
    f"The storm reached the harbour of Northmoor before dawn {SCRIPT} and tore two boats loose.\n\n"
    "Harbour master Ivo Brand said <b onclick=alert(5)>nobody was hurt</b> & the quay would open"
    " again on Friday, when divers have looked at the piles.\n\n"
    "It was the third storm of the month, and the strongest since the winter of 1987, he said."
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, hashing_file: Path) -> Iterator[TestClient]:
    """A site over articles that mean ill."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [
        {
            "id": f"h{number}",
            "url": ADDRESSES[number % len(ADDRESSES)],
            "outlet": f"Paper {number} <i>'\"",
            "title": title,
            "text": BODY,
            "published_at": f"2024-03-1{number}T08:00:00Z",
        }
        for number, title in enumerate(TITLES)
    ]
    file = folder / "articles.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    run_plainly([file], hashing_settings(folder / "data"))
    settings = WebSettings(folder=folder / "data", config=hashing_file)
    with TestClient(make_app(settings), base_url="http://localhost") as client:
        yield client


def list_pages(client: TestClient) -> list[str]:
    folder = client.app._settings.folder  # type: ignore[attr-defined]
    articles = [
        row["article_id"] for row in query_sql(folder, "SELECT article_id FROM articles ORDER BY 1")
    ]
    passages = [row["passage_id"] for row in query_sql(folder, "SELECT passage_id FROM passages")]
    threads = [row["thread_id"] for row in query_sql(folder, "SELECT thread_id FROM story_threads")]
    assert len(articles) >= 4
    return [
        "/",
        "/outlets",
        "/agencies",
        "/search?text=storm&by=words",
        "/sql?sql=SELECT headline, outlet, text FROM articles",
        f"/search?text={SCRIPT}&by=words",
        f"/?outlet={SCRIPT}",
        *(f"/article/{one}" for one in articles),
        *(f"/passage/{one}" for one in passages),
        *(f"/story/{one}" for one in threads),
        f"/compare/{articles[0]}/{articles[1]}",
    ]


def test_nothing_in_an_article_becomes_code_in_a_page(hostile: TestClient) -> None:
    for path in list_pages(hostile):
        answer = hostile.get(path)
        assert answer.status_code == 200, path
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert all('src="/static/' in one for one in scripts), path
        tags = re.findall(r"<[a-zA-Z][^>]*>", re.sub(r'"[^"]*"', '""', answer.text))
        assert not [one for one in tags if re.search(r"\son\w+\s*=", one)], path
        assert "<img" not in answer.text
        assert "<b onclick" not in answer.text
        assert not re.search(r'href="(?:javascript|data|file):', answer.text), path
        assert "49" not in re.findall(r"<title>([^<]*)", answer.text)[0], path


def test_feeds_and_files_carry_any_words(hostile: TestClient) -> None:
    ElementTree.fromstring(hostile.get("/threads.atom").content)
    sql = {"sql": "SELECT headline FROM articles ORDER BY headline"}
    rows = list(csv.DictReader(io.StringIO(hostile.get("/sql.csv", params=sql).text)))
    wanted = hostile.get("/sql.json", params=sql).json()["rows"]
    assert [one["headline"] for one in rows] == [one[0] for one in wanted]
