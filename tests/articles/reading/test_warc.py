import gzip
import io
from datetime import UTC, datetime

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.articles.paging import TITLE, make_page
from wirethread.articles.reading import warc
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import RejectedArticle, TimePrecision


class _Writer(WARCWriter):
    """It would leave temporary files open."""

    @classmethod
    def _create_temp_file(cls):
        return io.BytesIO()


def write(path, answers, *, packed=True):
    """Write an archive of (url, status, headers, body) with another program."""
    with path.open("wb") as file:
        writer = _Writer(file, gzip=packed)
        writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
        for url, status, headers, body in answers:
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=http,
                warc_headers_dict={"WARC-Date": "2024-06-02T00:00:00Z"},
            )  # fmt: skip
            writer.write_record(record)
    return path


HTML = [("Content-Type", "text/html; charset=utf-8")]
PAGE = make_page().encode()


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_pages_of_an_archive_are_read_and_the_rest_is_named(tmp_path, name):
    path = write(
        tmp_path / name,
        [
            ("https://g.example/2024/05/31/a", "200 OK", HTML, PAGE),
            ("https://g.example/b", "200 OK", [*HTML, ("Content-Encoding", "gzip")], gzip.compress(PAGE)),
            ("https://g.example/c", "200 OK", [*HTML, ("Content-Encoding", "gzip")], PAGE),
            ("https://g.example/d", "404 Not Found", HTML, b"gone"),
            ("https://g.example/e", "200 OK", [("Content-Type", "image/png")], b"\x89PNG"),
            ("https://g.example/f", "200 OK", [*HTML, ("Content-Encoding", "zstd")], b"\x28\xb5\x2f\xfd"),
        ],
        packed=name.endswith("gz"),
    )  # fmt: skip
    found = list(read_articles(path))
    assert [item.source for item in found] == [f"{path}:{n}" for n in range(2, 8)]
    assert [item.title for item in found[:3]] == [TITLE] * 3
    assert found[0].published_at == datetime(2024, 5, 31, tzinfo=UTC)
    assert found[1].published_precision is TimePrecision.UNKNOWN
    assert [item.reason for item in found[3:]] == [
        "the server answered 404",
        "it is image/png, not a web page",
        "it is packed with zstd, which cannot be read here",
    ]


def test_an_archive_that_is_cut_off_gives_what_stands_before_the_cut(tmp_path):
    answers = [(f"https://g.example/{n}", "200 OK", HTML, PAGE) for n in range(4)]
    for name in ("a.warc", "a.warc.gz"):
        path = write(tmp_path / name, answers, packed=name.endswith("gz"))
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
        found = list(read_articles(path))
        assert len(found) >= 3
        assert not [item for item in found[:-1] if isinstance(item, RejectedArticle)]
        assert "cut off; the rest is not read" in found[-1].reason


def test_a_record_past_the_limit_is_set_aside_and_a_bomb_in_one_is_bounded(tmp_path, monkeypatch):
    bomb = gzip.compress(b"<p>" + b"a" * (40 * 2**20))
    path = write(
        tmp_path / "a.warc",
        [
            ("https://g.example/1", "200 OK", HTML, PAGE + b" " * 200_000),
            ("https://g.example/2", "200 OK", [*HTML, ("Content-Encoding", "gzip")], bomb),
            ("https://g.example/3", "200 OK", HTML, PAGE),
        ],
        packed=False,
    )
    monkeypatch.setattr(warc, "MAX_RECORD_BYTES", 150_000)
    found = list(read_articles(path))
    assert "the record is longer than" in found[0].reason
    assert found[1].reason == "the page has more than 8 MiB"
    assert found[2].title == TITLE


def test_what_holds_no_records_is_said(tmp_path):
    (tmp_path / "a.warc").write_bytes(b"nothing\n" * 10)
    (found,) = read_articles(tmp_path / "a.warc")
    assert found.reason == "it holds no WARC records"
