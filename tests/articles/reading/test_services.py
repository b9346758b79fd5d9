"""The shapes in which agencies, services, readers and crawlers hand out articles."""

import json
from datetime import UTC, datetime

import pytest

from wirethread.articles.errors import SourceError
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import Mark, RejectedArticle
from wirethread.sources.settings import SourceSettings

ONE = "The harbour council voted on Monday to repair the old lighthouse before winter."
TWO = "Three engineers had warned that its gallery could fall into the sea."
HTML = f"<p>{ONE}</p><p>{TWO}</p>"
TITLE = "Council saves lighthouse"
URL = "https://kellpost.example/light"
TIME = datetime(2024, 5, 31, 9, tzinfo=UTC)

ITEM = {"title": TITLE, "url": URL}
SHAPES = {
    "newsapi": {"status": "ok", "totalResults": 1, "articles": [{
        "source": {"id": None, "name": "Kell Post"}, "title": f"{TITLE} - Kell Post", "url": URL,
        "publishedAt": "2024-05-31T09:00:00Z", "content": f"{ONE}\r\n{TWO} [+1834 chars]"}]},
    "gnews": {"totalArticles": 1, "articles": [{**ITEM, "publishedAt": "2024-05-31T09:00:00Z",
        "content": f"{ONE}\n{TWO} [3411 chars]", "source": {"name": "Kell Post", "url": "https://k"}}]},
    "miniflux": {"total": 1, "entries": [{**ITEM, "published_at": "2024-05-31T09:00:00Z",
        "content": HTML, "feed": {"title": "Kell Post"}}]},
    "jsonfeed": {"version": "https://jsonfeed.org/version/1.1", "title": "Kell Post", "items": [
        {**ITEM, "id": "1", "content_html": HTML, "date_published": "2024-05-31T11:00:00+02:00"}]},
    "jsonfeed_text": {"version": "https://jsonfeed.org/version/1", "items": [
        {**ITEM, "content_text": f"{ONE}\n\n{TWO}", "date_published": "2024-05-31T09:00:00Z"}]},
    "freshrss": {"id": "user/-/state", "items": [{"title": TITLE, "published": 1717146000,
        "canonical": [{"href": URL}], "summary": {"content": HTML}, "origin": {"title": "Kell"}}]},
    "wordpress": [{"id": 5, "date": "2024-05-31T11:00:00", "date_gmt": "2024-05-31T09:00:00", "link": URL,
        "title": {"rendered": "Council saves &#8220;lighthouse&#8221;"}, "content": {"rendered": HTML}}],
    "newspaper": {"response": {"status": "ok", "results": [{"id": "a/b", "type": "article", "webUrl": URL,
        "webTitle": TITLE, "webPublicationDate": "2024-05-31T09:00:00Z", "fields": {"body": HTML}}]}},
    "search": {"took": 3, "hits": {"total": 1, "hits": [{"_index": "a", "_source": {**ITEM,
        "text": f"{ONE}\n\n{TWO}", "published_at": "2024-05-31T09:00:00Z"}}]}},
    "registry": {"articles": {"results": [{**ITEM, "body": f"{ONE}\n\n{TWO}",
        "dateTimePub": "x", "date": "2024-05-31T09:00:00Z", "source": {"title": "Kell Post"}}]}},
    "fundus": {"title": TITLE, "publishing_date": "2024-05-31 11:00:00+02:00", "lang": "en", "body": {
        "summary": ["S."], "sections": [{"headline": [], "paragraphs": [ONE]},
        {"headline": [], "paragraphs": [TWO]}]}, "html": {"responded_url": URL}},
    "fundus_plain": {"title": TITLE, "publishing_date": "2024-05-31 09:00:00+00:00", "url": URL,
        "plaintext": f"{ONE}\n\n{TWO}"},
    "ap": {"data": {"items": [{"meta": {"score": 1}, "item": {"headline": TITLE, "type": "text",
        "altids": {"itemid": "x"}, "firstcreated": "2024-05-31T09:00:00Z", "pubstatus": "usable",
        "body_html": HTML, "bylines": [{"by": "By JANE DOE"}], "url": URL,
        "infosource": [{"name": "AP"}]}}]}},
    "ninjs3": {"uri": "urn:x:1", "standard": {"name": "ninjs", "version": "3.1"}, "type": "text",
        "headlines": [{"role": "main", "value": TITLE}], "bodies": [{"role": "main", "value": HTML,
        "contentType": "text/html"}], "versionCreated": "2024-05-31T09:00:00Z",
        "altIds": [{"role": "web", "value": URL}], "infoSources": [{"name": "dpa", "rel": "primary"}],
        "trustIndicators": [{"scheme": "a", "title": "b"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_an_article_is_read_whatever_service_hands_it_out(tmp_path, name):
    (tmp_path / "a.json").write_text(json.dumps(SHAPES[name]))
    (article,) = read_articles(tmp_path / "a.json")
    assert not isinstance(article, RejectedArticle), article.reason
    assert article.title in (TITLE, "Council saves “lighthouse”")
    assert article.text.split() == f"{ONE} {TWO}".split()
    assert (article.url, article.published_at) == (URL, TIME)
    assert article.outlet in ("kellpost.example", "Kell Post")
    lines = tmp_path / "b.jsonl"
    lines.write_text(json.dumps(SHAPES[name]) + "\n" if name != "wordpress" else "")
    assert name == "wordpress" or [found.text for found in read_articles(lines)] == [article.text]


def test_a_text_that_was_cut_off_says_so(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(SHAPES["newsapi"]))
    (article,) = read_articles(tmp_path / "a.json")
    assert article.notes[Mark.CUT_OFF] == "[+1834 chars]"


def test_sources_of_an_item_are_credits_in_either_spelling(tmp_path):
    for name, agency in (("ninjs3", "dpa"), ("ap", "AP")):
        (tmp_path / "a.json").write_text(json.dumps(SHAPES[name]))
        (article,) = read_articles(tmp_path / "a.json")
        assert article.declared_credits["infosources"] == agency


def test_links_without_a_text_are_told_one_by_one(tmp_path):
    links = {"articles": [{**ITEM, "seendate": "20240531T091500Z", "domain": "k.example"}] * 2}
    (tmp_path / "a.json").write_text(json.dumps(links))
    assert [found.reason for found in read_articles(tmp_path / "a.json")] == ["it has no text"] * 2


def test_an_answer_without_articles_is_empty(tmp_path):
    (tmp_path / "a.json").write_text(
        json.dumps({"status": "ok", "totalResults": 0, "articles": []})
    )
    assert list(read_articles(tmp_path / "a.json")) == []


def test_a_wrapper_that_is_not_known_is_told_with_its_keys_and_what_to_write(tmp_path):
    odd = {"meta": {"n": 1}, "payload": {"lines": [{"kopf": TITLE, "inhalt": f"{ONE} {TWO}"}]}}
    (tmp_path / "a.json").write_text(json.dumps(odd))
    (told,) = read_articles(tmp_path / "a.json")
    assert told.reason == (
        "it has no text; its keys are meta, payload; say which is which with `columns:`, such as"
        " {records: payload.lines, text: inhalt}"
    )
    columns = {"records": "payload.lines", "text": "inhalt", "title": "kopf"}
    (article,) = read_articles(tmp_path / "a.json", columns=columns)
    assert (article.title, article.text) == (TITLE, f"{ONE} {TWO}")


def test_a_column_may_lie_deeper(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"head": {"de": TITLE}, "b": {"parts": [ONE]}}))
    (article,) = read_articles(
        tmp_path / "a.jsonl", columns={"title": "head.de", "text": "b.parts.0"}
    )
    assert (article.title, article.text) == (TITLE, ONE)


def test_a_misspelt_key_in_columns_is_an_error_that_names_the_right_one(tmp_path):
    with pytest.raises(
        ValueError, match="kell: columns: 'titel' is no field of an article; did you mean 'title'"
    ):
        SourceSettings(name="kell", file="a.csv", columns={"titel": "kop"})
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(SourceError, match="did you mean 'published_at'"):
        list(read_articles(tmp_path / "a.jsonl", columns={"publishd_at": "x"}))


@pytest.mark.parametrize(
    ("record", "title", "outlet"),
    [
        ({"title": "Bank raises rate - Reuters"}, "Bank raises rate", "Reuters"),
        ({"title": "Bank raises rate | Kell Post", "url": "https://www.kellpost.co.uk/1"},
         "Bank raises rate", "kellpost.co.uk"),
        ({"title": "Bank raises rate - The Kell Post", "outlet": "Kell Post"}, "Bank raises rate", "Kell Post"),
        ({"title": "Bank to raise rate - Reuters", "outlet": "Kell Post"},
         "Bank to raise rate - Reuters", "Kell Post"),
        ({"title": "Bank raises rate - and lowers it", "outlet": "Kell Post"},
         "Bank raises rate - and lowers it", "Kell Post"),
    ],
)  # fmt: skip
def test_the_outlet_at_the_end_of_a_headline_is_no_part_of_it(tmp_path, record, title, outlet):
    (tmp_path / "a.jsonl").write_text(json.dumps({**record, "text": ONE}))
    (article,) = read_articles(tmp_path / "a.jsonl")
    assert (article.title, article.outlet) == (title, outlet)


# --- XML and telex ------------------------------------------------------------------------------

G2 = f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:kell,2024:1" version="2" xml:lang="en">
<itemMeta><itemClass qcode="ninat:text"/><provider literal="dpa.com"/>
<versionCreated>2024-05-31T09:00:00Z</versionCreated><pubStatus qcode="stat:usable"/>%s</itemMeta>
<contentMeta><headline>{TITLE}</headline><creditline>dpa</creditline><by>Jane Doe</by></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><body>{HTML}</body></html></inlineXML></contentSet></newsItem>"""
NITF = f"""<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf.dtd"><nitf><head><title>x</title><docdata>
<doc-id id-string="n1"/><date.issue norm="20240531T090000Z"/><doc.copyright holder="AFP"/></docdata></head>
<body><body.head><hedline><hl1>{TITLE}</hl1></hedline><byline>By Jane Doe</byline>
<distributor>AFP</distributor></body.head><body.content><media media-type="image"><media-caption><p>Boats</p>
</media-caption></media><block><p>{ONE}</p><p>{TWO}</p></block></body.content></body></nitf>"""
RSS = f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Kell Post</title><language>en</language>
<item><title>{TITLE}</title><link>{URL}</link><guid isPermaLink="false">g1</guid>
<pubDate>Fri, 31 May 2024 11:00:00 CEST</pubDate><description>Short.</description><dc:creator>dpa</dc:creator>
<content:encoded><![CDATA[{HTML}]]></content:encoded></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Kell Post</title><entry>
<title type="html">Council saves &lt;b&gt;lighthouse&lt;/b&gt;</title><link rel="alternate" href="{URL}"/>
<id>urn:1</id><published>2024-05-31T09:00:00Z</published><author><name>Jane Doe</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{HTML}</div></content></entry></feed>"""
NEWSML1 = f"""<NewsML><NewsItem><NewsManagement><FirstCreated>20240531T090000Z</FirstCreated>
<Status FormalName="Usable"/></NewsManagement><NewsComponent><NewsLines><HeadLine>{TITLE}</HeadLine></NewsLines>
<ContentItem><DataContent><nitf><body><body.content><p>{ONE}</p><p>{TWO}</p></body.content></body></nitf>
</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""
TELEX = (
    f"\x01dpa0123 4 pl 120 dpa 0456\r\n\x02{TITLE}\r\n\r\n  Kell (dpa) - {ONE[:40]}\r\n{ONE[40:].strip()}"
    f"\r\n  {TWO}\r\n\x03310900 Mai 24\x04"
)
FILES = {"a.xml": G2 % "", "b.nitf": NITF, "c.rss": RSS, "d.atom": ATOM, "e.newsml": NEWSML1, "f.iptc": TELEX,
         "g.txt": TELEX}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_agencies_files_and_saved_feeds_are_read(tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name].encode())
    (article,) = read_articles(tmp_path / name)
    assert not isinstance(article, RejectedArticle), article.reason
    assert (article.title, article.published_at) == (TITLE, TIME)
    body = article.text.replace("Kell (dpa) - ", "")
    assert "".join(body.split()) == "".join(f"{ONE}{TWO}".split())
    assert "<" not in article.text
    if name in ("a.xml", "f.iptc", "c.rss"):
        assert any("dpa" in words for words in article.declared_credits.values())


def test_an_embargoed_news_item_and_a_picture_are_no_articles(tmp_path):
    ahead = G2 % "<embargoed>2999-01-01T00:00:00Z</embargoed>"
    (tmp_path / "a.xml").write_text(ahead)
    (tmp_path / "b.xml").write_text((G2 % "").replace("ninat:text", "ninat:picture"))
    reasons = [found.reason for found in read_articles(tmp_path)]
    assert reasons == [
        "its sender withholds it until 2999-01-01 00:00 UTC (embargoed)",
        "it is a picture, not a text",
    ]


def test_a_news_sitemap_is_told_to_hold_no_texts(tmp_path):
    (tmp_path / "a.xml").write_text(
        "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://k.eu/1</loc>"
        "<n:news><n:title>A</n:title></n:news></url><url><loc>https://k.eu/2</loc></url></urlset>"
    )
    assert [found.reason for found in read_articles(tmp_path / "a.xml")] == ["it has no text"] * 2


def test_xml_of_another_kind_is_refused_by_name(tmp_path):
    (tmp_path / "a.xml").write_text("<invoice><p>1</p></invoice>")
    with pytest.raises(SourceError, match="its root is <invoice>; known are rss"):
        list(read_articles(tmp_path / "a.xml"))
