import gzip
import json
from datetime import UTC, datetime

import pytest

from wirethread.articles.errors import SourceError
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.reading import lines
from wirethread.articles.reading.document import read_document
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import (
    Mark,
    ParagraphKind,
    RejectedArticle,
    SourceArticle,
    TimePrecision,
)

OURS = {
    "id": "a1",
    "url": "https://www.example-herald.org/a1",
    "outlet": "Example Herald",
    "title": "Bridge reopens",
    "text": "The bridge reopened on Monday.\n\nTraffic was light.",
    "published_at": "2024-01-05T10:00:00Z",
    "authors": ["Jane Doe"],
    "agency": None,
    "language": "en",
}


def write_lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def read_one(tmp_path, record):
    found = list(read_articles(write_lines(tmp_path / "one.jsonl", record)))
    assert len(found) == 1
    return found[0]


def test_our_own_field_names_are_read(tmp_path):
    article = read_one(tmp_path, OURS)
    assert article == SourceArticle(
        source=f"{tmp_path / 'one.jsonl'}:1",
        source_id="a1",
        url=OURS["url"],
        outlet="Example Herald",
        title="Bridge reopens",
        text=OURS["text"],
        published_at=datetime(2024, 1, 5, 10, tzinfo=UTC),
        published_precision=TimePrecision.SECOND,
        authors=("Jane Doe",),
        language="en",
        declared_credits={"authors": "Jane Doe"},
    )


def test_news_please_field_names_are_read(tmp_path):
    article = read_one(
        tmp_path,
        {
            "authors": ["AFP"], "date_publish": "2024-01-05 10:00:00", "description": "Lead.",
            "language": "fr", "maintext": "Le pont a rouvert.", "source_domain": "www.example.fr",
            "title": "Pont", "url": "https://www.example.fr/pont", "filename": "x.json", "title_page": None,
        },
    )  # fmt: skip
    assert (article.outlet, article.text, article.language) == (
        "example.fr",
        "Le pont a rouvert.",
        "fr",
    )
    assert article.published_at == datetime(2024, 1, 5, 10, tzinfo=UTC)
    assert article.declared_credits == {"authors": "AFP"}


def test_trafilatura_field_names_are_read(tmp_path):
    article = read_one(
        tmp_path,
        {
            "title": "Bridge", "author": "Jane Doe; Reuters", "hostname": "example.org", "date": "2024-01-05",
            "fingerprint": "f00", "id": None, "raw_text": "raw", "text": "The bridge reopened.",
            "language": None, "source": "https://example.org/b", "source-hostname": "Example",
        },
    )  # fmt: skip
    assert (article.outlet, article.text, article.url) == (
        "example.org", "The bridge reopened.", "https://example.org/b",
    )  # fmt: skip
    assert article.published_precision is TimePrecision.DAY


def test_without_an_outlet_the_host_of_the_address_stands_in(tmp_path):
    record = {**OURS, "outlet": None}
    assert read_one(tmp_path, record).outlet == "example-herald.org"
    assert read_one(tmp_path, {**record, "url": None}).outlet is None


def test_structured_credits_are_collected(tmp_path):
    article = read_one(
        tmp_path,
        {
            **OURS,
            "sourceOrganization": {"@type": "Organization", "name": "Reuters"},
            "creditText": "With files from AFP",
            "isBasedOn": {"url": "https://www.reuters.com/x"},
            "distributor": {"category": "wires", "name": "AP"},
            "infosources": [{"name": "dpa"}, {"name": "EPA", "role": "photographer"}],
            "associations": {"main": {"type": "picture", "creditline": "Jane/Getty Images"}},
        },
    )
    assert article.declared_credits == {
        "authors": "Jane Doe",
        "sourceOrganization": "Reuters",
        "creditText": "With files from AFP",
        "isBasedOn": "https://www.reuters.com/x",
        "distributor": "AP",
        "infosources": "dpa",
        "infosources.photo": "EPA",
        "associations": "Jane/Getty Images",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"title": None, "text": "Home\n\nSport\n\nWeather 21 C"},
            "it has no title, and no sentence stands in its text",
        ),
        ({"text": ""}, "it has no text"),
        ({"text": None}, "it has no text"),
        ({"text": 5}, "its text is a number, not a string"),
        ({"title": ["a"]}, "its title is a list, not a string"),
        ({"text": "a\0b"}, "its text holds NUL characters: it is binary"),
        (
            {"text": "a" * 1_000_001},
            "its text has 1,000,001 characters; at most 1,000,000 are read",
        ),
        ({"id": [1]}, "its id is a list, not a string"),
    ],
)
def test_a_faulty_article_is_set_aside_with_the_reason(tmp_path, change, reason):
    rejected = read_one(tmp_path, {**OURS, **change})
    assert isinstance(rejected, RejectedArticle)
    assert rejected.reason == reason
    assert rejected.source == f"{tmp_path / 'one.jsonl'}:1"


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("The bridge reopened on Monday. Traffic was light.", "The bridge reopened on Monday."),
        ("***\n\nBrücke offen\n\nSie war es lange nicht mehr, sagte Frau Holm.", "Brücke offen"),
        ("橋は月曜日に再開した。通行は少なかった。", "橋は月曜日に再開した。"),
        ("word " * 60 + "end.", "word " * 19 + "word…"),
    ],
)
def test_a_text_without_a_title_goes_by_its_first_words_and_is_marked(tmp_path, text, headline):
    article = read_one(tmp_path, {**OURS, "title": " ", "text": text, "url": None})
    assert (article.title, article.text) == (headline.strip(), text)
    assert article.notes[Mark.HEADLINE_MADE] == "its first words"


def test_first_words_that_serve_as_headline_stay_body():
    text = "The clock of Tarn struck thirteen on Monday, and nobody minded it."
    parsed = parse_article(read_document({"text": text, "outlet": "Tarn Echo"}, "x"))
    assert [paragraph.kind for paragraph in parsed.paragraphs] == [ParagraphKind.BODY]
    assert parsed.article.headline == text


def test_a_text_file_of_one_paragraph_has_no_title_and_is_kept(tmp_path):
    words = "The bridge reopened on Monday after ten years. Traffic was light, the town said."
    (tmp_path / "a.txt").write_text(words)
    (article,) = read_articles(tmp_path / "a.txt")
    assert (article.title, article.text) == (
        "The bridge reopened on Monday after ten years.",
        words,
    )


def test_a_date_that_cannot_be_read_costs_the_date_and_is_marked(tmp_path):
    article = read_one(tmp_path, {**OURS, "published_at": "soon", "date": "later"})
    assert (article.published_at, article.published_precision) == (None, TimePrecision.UNKNOWN)
    assert article.notes == {Mark.DATE_UNREAD: "soon"}
    told_elsewhere = read_one(tmp_path, {**OURS, "published_at": "soon", "date": "2024-01-05"})
    assert told_elsewhere.published_at == datetime(2024, 1, 5, tzinfo=UTC)
    assert told_elsewhere.notes == {}
    by_address = read_one(
        tmp_path, {**OURS, "published_at": "?", "url": "https://x.eu/2024/01/05/a"}
    )
    assert (by_address.published_at, by_address.notes) == (datetime(2024, 1, 5, tzinfo=UTC), {})


def test_a_date_that_lies_ahead_is_kept_for_the_day_it_comes(tmp_path):
    article = read_one(tmp_path, {**OURS, "published_at": "2999-01-01T10:00:00+02:00"})
    assert article.published_at is None
    assert article.notes == {Mark.DATE_AHEAD: "2999-01-01 08:00:00"}


def test_broken_lines_are_named_and_the_rest_goes_through(tmp_path):
    path = tmp_path / "mixed.jsonl"
    good = json.dumps(OURS).encode()
    path.write_bytes(
        b"\xef\xbb\xbf"
        + good
        + b"\n{broken\n\n[1]\n"
        + b'{"title": "\xff"}\n'
        + b"[" * 100_000
        + b"\n"
        + good
    )
    found = list(read_articles(path))
    assert [type(item) for item in found] == [SourceArticle, *[RejectedArticle] * 4, SourceArticle]
    assert [item.source.rsplit(":", 1)[1] for item in found] == ["1", "2", "4", "5", "6", "7"]
    assert found[1].reason.startswith("it is not JSON")
    assert found[2].reason == "it is a list, not a JSON object"
    assert found[3].reason == "it is not UTF-8 (byte 12 of the line)"
    assert found[4].reason == "its JSON is nested too deeply"


def test_half_of_a_character_is_replaced(tmp_path):
    path = tmp_path / "half.jsonl"
    path.write_text('{"title": "T \\ud83d", "text": "Smile \\ud83d here"}\n')
    (article,) = read_articles(path)
    assert (article.title, article.text) == ("T \ufffd", "Smile \ufffd here")


def test_a_line_past_the_limit_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    path = write_lines(tmp_path / "long.jsonl", {**OURS, "text": "word " * 500}, OURS)
    found = list(read_articles(path))
    assert isinstance(found[0], RejectedArticle)
    assert "longer than" in found[0].reason
    assert isinstance(found[1], SourceArticle)


def test_a_gzip_bomb_ends_the_file_and_not_the_program(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MAX_SKIPPED_BYTES", 20 * 2**20)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(OURS).encode() + b"\n" + b"a" * (30 * 2**20)))
    found = list(read_articles(path))
    assert isinstance(found[0], SourceArticle)
    assert found[1].source.endswith(":2")
    assert "the rest is not read" in found[1].reason
    assert len(found) == 2


def test_a_cut_off_gzip_file_gives_its_lines_and_then_the_reason(tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    records = ({**OURS, "id": str(n), "text": f"{n} {hash(str(n))} " * 50} for n in range(2000))
    whole = gzip.compress("".join(json.dumps(record) + "\n" for record in records).encode())
    path.write_bytes(whole[: len(whole) // 2])
    found = list(read_articles(path))
    assert len(found) > 100
    assert all(isinstance(item, SourceArticle) for item in found[:-1])
    assert isinstance(found[-1], RejectedArticle)
    assert "cut off" in found[-1].reason


def test_gzip_is_read_whatever_the_extension_says(tmp_path):
    for name in ("a.jsonl.gz", "a.ndjson.gz", "a.json.gz", "a.jsonl"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(json.dumps(OURS).encode()))
        assert [item.source_id for item in read_articles(path)] == ["a1"]


def test_a_json_file_may_hold_one_article_or_a_list_of_them(tmp_path):
    one = tmp_path / "one.json"
    one.write_text(json.dumps(OURS, indent=2))
    many = tmp_path / "many.json"
    many.write_text(json.dumps([OURS, 3]))
    assert [item.source for item in read_articles(one)] == [str(one)]
    found = list(read_articles(many))
    assert isinstance(found[0], SourceArticle)
    assert found[1].source == f"{many}[2]"


def test_a_text_file_has_its_title_in_the_first_line(tmp_path):
    path = tmp_path / "story.txt"
    path.write_text("\ufeff\nBridge reopens\r\n\r\nThe bridge reopened.\r\n", encoding="utf-8")
    (article,) = read_articles(path)
    assert (article.title, article.text, article.outlet) == (
        "Bridge reopens",
        "\nThe bridge reopened.\n",
        None,
    )


def test_a_folder_is_walked_and_a_bad_file_in_it_is_one_rejected_article(tmp_path):
    (tmp_path / "herald").mkdir()
    (tmp_path / "herald" / "b.txt").write_text("Title\n\nText of b.")
    (tmp_path / "a.txt").write_text("Title\n\nText of a.")
    (tmp_path / "c.pdf").write_bytes(b"%PDF")
    (tmp_path / "d.jsonl").write_bytes(b"\x00\x01\x02")
    (tmp_path / "e.txt").write_bytes(b"Title\n\n\xff\xfe")
    (tmp_path / ".hidden").write_text("x")
    found = list(read_articles(tmp_path))
    assert [(item.source.rsplit("/", 1)[1], getattr(item, "outlet", None)) for item in found] == [
        ("a.txt", None), ("c.pdf", None), ("d.jsonl", None), ("e.txt", None), ("b.txt", "herald"),
    ]  # fmt: skip
    assert [item.reason for item in found if isinstance(item, RejectedArticle)] == [
        "unknown extension; known are .jsonl, .ndjson, .jl, .jsonl.gz, .ndjson.gz, .jl.gz, .json, "
        ".json.gz, .csv, .tsv, .csv.gz, .tsv.gz, .parquet, .html, .htm, .xhtml, .html.gz, .htm.gz, "
        ".xhtml.gz, .warc, .warc.gz, .xml, .rss, .atom, .rdf, .nitf, .newsml, .xml.gz, .rss.gz, "
        ".atom.gz, .iptc, .anpa, .iptc.gz, .anpa.gz, .txt, .txt.gz",
        "it is a binary file",
        "it is not UTF-8 (byte 8)",
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        ("x.jsonl", "\ufeffa".encode("utf-16"), "UTF-16"),
        ("x.jsonl.gz", b"plain", "not gzipped"),
        ("x.docx", b"abc", "unknown extension"),
    ],
)
def test_a_source_that_cannot_be_read_is_an_error_in_one_line(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=reason) as caught:
        list(read_articles(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_missing_source_or_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        list(read_articles(tmp_path / "none.jsonl"))
    with pytest.raises(SourceError, match="holds no files"):
        list(read_articles(tmp_path))


def test_a_forbidden_file_is_an_error(tmp_path, monkeypatch):
    path = write_lines(tmp_path / "secret.jsonl", OURS)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(SourceError, match="permission to read it is denied"):
        list(read_articles(path))


def test_an_empty_file_has_no_articles(tmp_path):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert list(read_articles(tmp_path / "empty.jsonl")) == []
