import json
from pathlib import Path

import pytest

from wirethread.articles.parsing.parse import derive_article_id, parse_article
from wirethread.articles.types.articles import (
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
)
from wirethread.flows.intake.ingest import read_source
from wirethread.flows.settings.sections import IngestSettings
from wirethread.flows.stages import parsing
from wirethread.storage.catalog import Catalog

TEXT = "The ferry to Saltmarsh stays in port, its owner said on Monday. Winds are to blame for it."
ROWS = [
    {"url": f"https://courant.example/{name}", "title": f"  Ferry {name} ", "text": TEXT}
    for name in ("one", "two", "three")
]


def write_rows(path: Path, rows: list[dict[str, str]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_only_what_is_not_known_yet_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "news.jsonl"
    parsed: list[str] = []

    def parse_and_note(found: SourceArticle) -> ParsedArticle | RejectedArticle:
        parsed.append(found.title or "")
        return parse_article(found)

    monkeypatch.setattr(parsing, "parse_article", parse_and_note)
    with Catalog.open(tmp_path / "data") as catalog:
        first = read_source(catalog, write_rows(source, ROWS[:2]), "r1", IngestSettings())
        assert (first.n_read, first.n_new, first.n_known) == (2, 2, 0)
        assert len(parsed) == 2
        changed = {**ROWS[0], "text": TEXT + " They are expected to calm down on Tuesday."}
        rows = [*ROWS, changed, {"title": "No text", "text": ""}]
        second = read_source(catalog, write_rows(source, rows), "r2", IngestSettings())
        assert (second.n_read, second.n_new, second.n_known) == (5, 2, 2)
        assert (second.n_versions, second.n_rejected) == (1, 1)
        assert len(parsed) - 2 == 2, "the new one and the changed one"


def test_the_id_of_an_article_is_known_before_it_is_parsed() -> None:
    source = SourceArticle(
        source="news.jsonl", title=" Ferry \n stays ", outlet="", text=TEXT, url=None, source_id="7"
    )
    article = parse_article(source)
    assert isinstance(article, ParsedArticle)
    assert article.article.article_id == derive_article_id(source)
