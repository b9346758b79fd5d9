"""ninjs, ANS, HTML in JSON lines, and standard input."""

import gzip
import io
import json
import sys
from datetime import UTC, datetime

import pytest

from tests.articles.paging import PARAGRAPHS, TITLE, make_page
from wirethread.articles.errors import SourceError
from wirethread.articles.reading.document import read_document
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import RejectedArticle


def test_ninjs_1_is_read_with_its_html_body_and_notes():
    found = read_document(
        {
            "uri": "urn:x:1", "headline": TITLE, "versioncreated": "2024-05-31T10:00:00Z", "slugline": "LIGHT",
            "body_xhtml": f"<div><h2>Heading</h2><p>{PARAGRAPHS[0]}</p><p>Two &amp; three.</p></div>",
            "byline": "Jane Doe", "ednote": "Corrects year", "pubstatus": "usable", "located": "HARBOUR (dpa)",
        },
        "x:1",
    )  # fmt: skip
    assert found.text == f"Heading\n\n{PARAGRAPHS[0]}\n\nTwo & three."
    assert (found.source_id, found.authors) == ("urn:x:1", ("Jane Doe",))
    assert found.notes == {"slugline": "LIGHT", "ednote": "Corrects year", "pubstatus": "usable"}
    assert found.published_at == found.updated_at == datetime(2024, 5, 31, 10, tzinfo=UTC)


def test_ninjs_3_chooses_the_main_body_and_headline():
    found = read_document(
        {
            "headlines": [{"role": "short", "value": "Short"}, {"role": "main", "value": TITLE}],
            "bodies": [{"role": "caption", "value": "A picture."},
                       {"role": "main", "contentType": "text/html", "value": "<p>One.</p><p>Two.</p>"}],
            "firstCreated": "2024-05-30T10:00:00Z", "versionCreated": "2024-05-31T10:00:00Z",
            "by": "Jane Doe", "infosources": [{"name": "Reuters"}],
            "altIds": [{"role": "web", "value": "https://g.example/a"}],
        },
        "x:1",
    )  # fmt: skip
    assert (found.title, found.text, found.url) == (TITLE, "One.\n\nTwo.", "https://g.example/a")
    assert (found.published_at.day, found.updated_at.day) == (30, 31)
    assert found.declared_credits["infosources"] == "Reuters"


def test_withheld_copy_is_set_aside_and_a_cancelled_item_keeps_its_note():
    item = {"headline": TITLE, "body_text": "Text.", "pubstatus": "withheld"}
    assert read_document(item, "x").reason == "its sender withholds it (pubstatus withheld)"
    item = {"headline": TITLE, "pubstatus": "canceled", "ednote": "The story is withdrawn."}
    found = read_document(item, "x")
    assert (found.text, found.notes["pubstatus"]) == ("The story is withdrawn.", "canceled")


def test_ans_elements_become_paragraphs():
    found = read_document(
        {
            "_id": "X", "type": "story", "headlines": {"basic": TITLE}, "canonical_url": "https://g.example/a",
            "content_elements": [
                {"type": "text", "content": "One <b>bold</b>."}, {"type": "image", "caption": "No."},
                {"type": "header", "content": "Head"}, {"type": "raw_html", "content": "<script>x</script>"},
                {"type": "list", "items": [{"type": "text", "content": "a"}, {"type": "text", "content": "b"}]},
            ],
            "distributor": {"category": "wires", "name": "AP"}, "credits": {"by": [{"name": "Jane Doe"}]},
            "display_date": "2024-05-31T10:00:00Z",
        },
        "x:1",
    )  # fmt: skip
    assert found.text == "One bold.\n\nHead\n\na\n\nb"
    assert (found.title, found.url, found.authors) == (TITLE, "https://g.example/a", ("Jane Doe",))
    assert found.declared_credits["distributor"] == "AP"
    assert found.published_at == datetime(2024, 5, 31, 10, tzinfo=UTC)


def test_a_line_with_only_html_is_extracted():
    found = read_document(
        {"url": "https://g.example/a", "raw_html": make_page(), "outlet": "G"}, "x:1"
    )
    assert (found.title, found.outlet, found.text) == (TITLE, "G", "\n\n".join(PARAGRAPHS))


def test_a_day_in_the_address_is_used_only_for_want_of_a_date():
    record = {"title": "T", "text": "Words.", "url": "https://g.example/2018/may/31/a"}
    assert read_document(record, "x").published_at == datetime(2018, 5, 31, tzinfo=UTC)
    dated = read_document({**record, "published_at": "2019-01-01T10:00:00Z"}, "x")
    assert dated.published_at == datetime(2019, 1, 1, 10, tzinfo=UTC)
    for url in ("https://g.example/2018/13/31/a", "https://g.example/2018/01/02/2019/01/02", "https://g.example/20189999"):  # fmt: skip
        assert read_document({**record, "url": url}, "x").published_at is None


class _Input:
    def __init__(self, content):
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "sources"),
    [
        (b'{"title":"A","text":"One."}\n\n{"title":"B"}\n', ["stdin:1", "stdin:3"]),
        (json.dumps({"title": "A", "text": "One."}, indent=1).encode(), ["stdin"]),
        (json.dumps([{"title": "A", "text": "One."}] * 2, indent=1).encode(), ["stdin[1]", "stdin[2]"]),
        (gzip.compress(b'{"title":"A","text":"One."}\n'), ["stdin:1"]),
        (make_page().encode(), ["stdin"]),
        (b"Bridge reopens\n\nThe bridge reopened.", ["stdin"]),
        (b"", []),
    ],
    ids=["lines", "document", "list", "gzip", "html", "text", "empty"],
)  # fmt: skip
def test_standard_input_is_read_by_its_looks(monkeypatch, content, sources):
    monkeypatch.setattr(sys, "stdin", _Input(content))
    found = list(read_articles("-"))
    assert [item.source for item in found] == sources
    assert not found or not isinstance(found[0], RejectedArticle)


def test_binary_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", _Input(b"\x89PNG\0\0"))
    with pytest.raises(SourceError, match="stdin: it is binary"):
        list(read_articles("-"))


def test_a_whole_number_with_a_point_is_an_id_where_it_is_exact():
    """So pandas writes ids where one is missing; above 2**53 several ids would be one."""
    record = {"title": TITLE, "text": "Some text stands here."}
    assert read_document(record | {"id": 17.0}, "x").source_id == "17"
    assert read_document(record | {"id": 1.5}, "x").reason == "its id is a number, not a string"
    assert read_document(record | {"id": 2.0**60}, "x").reason.startswith("its id is a number")
