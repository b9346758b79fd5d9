"""What a notebook shows: answers as HTML, in which no word of an article is a tag."""

import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import wirethread as wt


@pytest.fixture
def archive(published: Path, hashing_config: Path) -> Iterator[wt.OpenArchive]:
    with wt.open(published, config=hashing_config) as opened:
        yield opened


class Reader(HTMLParser):
    """Collects words and tags, and whether each tag is closed by its own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_answer_shows_itself(archive: wt.OpenArchive) -> None:
    article = archive.article("mp-quake-1")
    page = Reader(article._repr_html_())
    assert article.summary.headline in page.words
    assert "Reuters" in " ".join(page.words)
    summary = archive.stories()[0]
    assert summary.title in Reader(archive.story(summary.thread_id)._repr_html_()).words
    assert article.cluster is not None
    cluster = archive.story(article.cluster.cluster_id)
    assert article.cluster.title in Reader(cluster._repr_html_()).words
    pair = archive.explain("rtr-quake-1", "mp-quake-1")
    assert "shared passage" in " ".join(Reader(pair._repr_html_()).words)
    assert "thread_id" in Reader(archive.stories()._repr_html_()).words


def test_a_long_list_says_how_many_more_there_are(archive: wt.OpenArchive) -> None:
    rows = archive.sql("SELECT article_id FROM articles")
    assert f"and {len(rows) - 20:,} more rows" in Reader(rows._repr_html_()).words


def test_words_of_an_article_are_no_tags(archive: wt.OpenArchive) -> None:
    article = archive.article("mp-quake-1")
    evil = '<script>alert("x")</script>'
    summary = replace(article.summary, headline=evil, outlet=evil)
    paragraph = replace(
        article.paragraphs[0], paragraph=replace(article.paragraphs[0].paragraph, text=evil)
    )
    shown = replace(article, summary=summary, paragraphs=[paragraph], url='"><script>')
    assert "script" not in Reader(shown._repr_html_()).tags
    rows = archive.sql(f"SELECT '{evil}' AS \"<b>\"")
    assert Reader(rows._repr_html_()).tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert json.dumps(evil) not in rows._repr_html_()
