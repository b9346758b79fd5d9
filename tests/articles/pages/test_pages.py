from datetime import UTC, datetime

import pytest

from tests.articles.making import credits_of
from tests.articles.paging import PARAGRAPHS, TITLE, make_page
from wirethread.articles.pages.page import MAX_PAGE_BYTES, read_page
from wirethread.articles.types.articles import RejectedArticle, SourceArticle, TimePrecision

URL = "https://www.gazette.example/news/lighthouse?utm_source=feed"


def read(page, **given):
    content = page.encode() if isinstance(page, str) else page
    return read_page(content, **{"url": URL, "source": "test", **given})


def parse_page(page, **given):
    from wirethread.articles.parsing.parse import parse_article

    found = read(page, **given)
    assert isinstance(found, SourceArticle), found.reason
    return parse_article(found)


def test_the_main_text_keeps_its_paragraphs_and_nothing_else():
    found = read(make_page())
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert (found.title, found.outlet, found.language) == (TITLE, "Harbour Gazette", "en")


@pytest.mark.parametrize(
    ("above", "below", "credit"),
    [
        ("", '<p class="byline"><em>Ann Other and The Associated Press contributed to this report.</em></p>',
         ("AP", "contributor", "contributor_line")),
        ('<div class="byline">By Jane Doe, Associated Press</div>', "", ("AP", "source", "byline")),
        ('<div class="dateline">LONDON (Reuters) -</div>', "", ("Reuters", "source", "dateline")),
        ("", '<div class="meta">Copyright 2024 The Associated Press. All rights reserved.</div>',
         ("AP", "source", "copyright_line")),
        ('<span class="source">Agence France-Presse</span>', "", ("AFP", "source", "byline")),
        ("", '<div class="author-info-meta">Source: dpa</div>', ("dpa", "source", "source_line")),
    ],
)  # fmt: skip
def test_credits_that_extraction_drops_are_rescued(above, below, credit):
    parsed = parse_page(make_page(above=above, below=below))
    assert credit in [found[:3] for found in credits_of(parsed)]


def test_a_dateline_cut_from_its_paragraph_is_put_back():
    page = make_page(
        [f'<span class="meta dateline">PARIS (AFP) — </span>{PARAGRAPHS[0]}', *PARAGRAPHS[1:]]
    )
    parsed = parse_page(page)
    assert parsed.article.text.startswith(f"PARIS (AFP) — {PARAGRAPHS[0]}")
    assert credits_of(parsed) == [("AFP", "source", "dateline", "PARIS (AFP)")]


def test_lines_of_other_stories_and_of_the_site_give_no_credit():
    below = '<div class="related"><p>Jo Roe and dpa contributed to this report.</p></div>'
    figure = "<figure><figcaption>The light. By Reuters</figcaption></figure>"
    assert credits_of(parse_page(make_page(above=figure, below=below))) == []


def test_structured_fields_reach_the_credits():
    page = make_page(
        ld={
            "@graph": [
                {"@type": "Organization", "@id": "#ap", "name": "Associated Press"},
                {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-05-31T10:00:00Z",
                 "author": [{"@type": "Organization", "name": "dpa"}], "sourceOrganization": {"@id": "#ap"},
                 "creditText": "With files from AFP", "isBasedOn": "https://www.reuters.com/x"},
            ]
        },
        head='<meta name="syndication-source" content="https://www.upi.com/x">',
    )  # fmt: skip
    parsed = parse_page(page)
    found = {(agency, role, rule) for agency, role, rule, _ in credits_of(parsed)}
    assert found == {
        ("AP", "source", "sourceOrganization"),
        ("AFP", "contributor", "creditText"),
        ("Reuters", "source", "isBasedOn"),
        ("UPI", "source", "syndication-source"),
        ("dpa", "source", "byline"),
    }
    assert parsed.article.published_at == datetime(2024, 5, 31, 10, tzinfo=UTC)


def test_the_description_of_another_story_is_not_taken_for_the_pages_own():
    page = make_page(
        head=f'<meta property="og:title" content="{TITLE}">',
        ld=[
            {"@type": "NewsArticle", "headline": "Ferry stopped", "provider": {"name": "Reuters"}},
            {"@type": "NewsArticle", "headline": TITLE, "provider": {"name": "AFP"}},
        ],
    )
    assert read(page).declared_credits["provider"] == "AFP"


def test_a_canonical_address_on_the_same_site_is_the_pages_and_another_is_its_source():
    own = make_page(head='<link rel="canonical" href="/news/lighthouse">')
    assert read(own).url == "https://www.gazette.example/news/lighthouse"
    other = make_page(head='<link rel="canonical" href="https://apnews.com/article/1">')
    found = read(other)
    assert found.url == URL
    assert found.declared_credits == {"canonical": "https://apnews.com/article/1"}
    front = make_page(head='<link rel="canonical" href="https://www.gazette.example/">')
    assert read(front).url == URL


@pytest.mark.parametrize(
    ("charset", "declared", "content_type"),
    [
        ("utf-8", "iso-8859-1", None),
        ("latin-1", "iso-8859-1", None),
        ("cp1252", "", "text/html; charset=ISO-8859-1"),
        ("utf-16", "", None),
        ("latin-1", "", None),
        ("utf-8", "zlib", "text/html; charset=unicode_escape"),
    ],
)
def test_text_is_decoded_whatever_the_page_says(charset, declared, content_type):
    text = [words.replace("lighthouse", "Café d’été").replace("’", "'") for words in PARAGRAPHS]
    head = f'<meta charset="{declared}">' if declared else ""
    found = read(make_page(text, head=head).encode(charset), content_type=content_type)
    assert "Café d'été" in found.text


def test_other_scripts_are_read_in_their_own_character_sets():
    russian = "Совет гавани в понедельник решил починить старый маяк до начала зимы. " * 3
    page = make_page([russian] * 2, head='<meta charset="windows-1251">').encode(
        "cp1251", "replace"
    )
    assert "починить старый маяк" in read(page).text
    chinese = "港口委员会星期一决定在冬天之前修复旧灯塔，三名工程师警告说它可能会倒塌。" * 3
    page = make_page([chinese, chinese[5:]], head='<meta charset="gb2312">').encode("gb18030")
    assert "修复旧灯塔" in read(page).text


def test_what_a_feed_knew_goes_before_what_the_page_says():
    hints = {"title": "Feed title", "published_at": "2024-05-30T08:00:00Z", "authors": ["A. B."],
             "agency": "Reuters", "id": "tag:1"}  # fmt: skip
    found = read(make_page(), hints=hints, outlet="My Gazette")
    assert (found.title, found.outlet, found.authors, found.source_id) == (
        "Feed title", "My Gazette", ("A. B.",), "tag:1",
    )  # fmt: skip
    assert found.published_at == datetime(2024, 5, 30, 8, tzinfo=UTC)
    assert found.declared_credits["agency"] == "Reuters"
    assert read(make_page(), hints={"published_at": "soon"}).published_at is None


def test_a_clock_time_goes_before_a_mere_day_and_the_address_comes_last():
    page = make_page(ld={"@type": "NewsArticle", "datePublished": "2024-05-31T10:00:00Z"})
    found = read(page, hints={"published_at": "2024-05-31"})
    assert found.published_precision is TimePrecision.SECOND
    dated = read(make_page(), url="https://gazette.example/2024/05/31/x")
    assert (dated.published_at, dated.published_precision) == (
        datetime(2024, 5, 31, tzinfo=UTC), TimePrecision.DAY,
    )  # fmt: skip


def test_the_time_of_fetching_is_never_the_time_of_publication():
    fetched_at = datetime(2024, 6, 1, tzinfo=UTC)
    assert read(make_page(), hints={"fetched_at": fetched_at}).published_at is None
    later = make_page(ld={"@type": "NewsArticle", "datePublished": "2024-07-31T10:00:00Z"})
    assert read(later, hints={"fetched_at": fetched_at}).published_at is None


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (b"", None, "the page is empty"),
        (b"%PDF-1.4", None, "it is a PDF document, not a web page"),
        (b"x", "image/png", "it is image/png, not a web page"),
        (b"a" * (MAX_PAGE_BYTES + 1), None, "the page has more than 8 MiB"),
        (b"<html><body></body></html>", None, "no article text was found in the page"),
        (b"<p " + b"a=1 " * 500 + b">x</p>", None, "one of its tags has more than 200 attributes"),
    ],
)
def test_what_is_no_article_is_set_aside_with_the_reason(content, content_type, reason):
    found = read(content, content_type=content_type)
    assert isinstance(found, RejectedArticle)
    assert found.reason == reason


@pytest.mark.heavy
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "extra",
    [
        "<div>" * 100_000,
        "<p>" + "<span>a <b>b</b></span>" * 50_000 + "</p>",
        "<ul>" + "<li><a href='/x'>A link to elsewhere that is long</a></li>" * 20_000 + "</ul>",
        "<" * 1_000_000,
        '<script type="application/ld+json">' + "[" * 500_000 + "</script>",
        "<p " + "".join(f"a{n}='x' " for n in range(100_000)) + ">x</p>",
        "<!--" * 300_000,
    ],
    ids=["deep", "spans", "links", "angles", "json", "attributes", "comments"],
)
def test_pages_built_to_hang_a_parser_end_soon(extra):
    found = read(make_page(below=extra))
    assert isinstance(found, SourceArticle) or found.reason


def test_a_time_element_gives_the_day_for_want_of_better():
    page = make_page(above='<p><time datetime="2024-05-30" pubdate>30 May</time></p>')
    found = read(page)
    assert (found.published_at, found.published_precision) == (
        datetime(2024, 5, 30, tzinfo=UTC), TimePrecision.DAY,
    )  # fmt: skip
