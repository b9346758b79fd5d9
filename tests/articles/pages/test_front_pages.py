"""A front page is set aside with the reason; an article with a list of links below it is not."""

from tests.articles.paging import PARAGRAPHS, make_page
from wirethread.articles.pages.page import read_page
from wirethread.articles.types.articles import RejectedArticle

TEASERS = (
    ("Council saves the lighthouse", "Work on the upper gallery is to begin in September."),
    ("Ferry stopped by the fog again", "Nine hundred passengers spent the night in the hall."),
    ("Herring back in the outer fjord", "Nobody has counted the shoals for nine years, they say."),
    ("Two boats aground off the bank", "Their crews were taken off by a fisherman from Velm."),
    ("Old lamp goes to the museum", "It turned for a hundred and eight years without a stop."),
    ("Mayor wants a stronger light", "The fund for old buildings is to pay for most of it."),
)


def make_front_page(head: str = "") -> bytes:
    items = "".join(
        f'<div class="teaser"><h2><a href="/{number}">{title}</a></h2><p>{words}</p></div>'
        for number, (title, words) in enumerate(TEASERS)
    )
    return (
        f"<!DOCTYPE html><html><head><title>Harbour Gazette</title>{head}</head>"
        f"<body><main><h1>News from the harbour</h1>{items}</main></body></html>"
    ).encode()


def read(content: bytes):
    return read_page(content, url="https://harbourgazette.example/", source="page:1")


def test_a_section_front_page_is_refused_with_the_reason():
    found = read(make_front_page('<meta property="og:type" content="website">'))
    assert isinstance(found, RejectedArticle)
    assert "a list of other articles" in found.reason
    assert isinstance(read(make_front_page()), RejectedArticle)


def test_a_page_that_calls_itself_an_article_is_read():
    found = read(make_front_page('<meta property="og:type" content="article">'))
    assert not isinstance(found, RejectedArticle)


def test_an_article_above_a_list_of_links_is_read():
    links = "".join(
        f'<h3><a href="/{number}">{title}</a></h3><p>{words}</p>'
        for number, (title, words) in enumerate(TEASERS)
    )
    found = read(make_page(after=f"<section>{links}</section>").encode())
    assert not isinstance(found, RejectedArticle)
    assert PARAGRAPHS[0] in found.text


def test_an_article_whose_paragraphs_hold_links_is_read():
    paragraphs = [f'{words} <a href="/x">More on this</a>' for words in PARAGRAPHS]
    assert not isinstance(read(make_page(paragraphs).encode()), RejectedArticle)
