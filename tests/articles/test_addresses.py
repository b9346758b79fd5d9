import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirethread.articles.addresses import canonicalize_url, is_same_site, resolve_link

STORY = "https://example-herald.org/2024/05/31/harbour-lighthouse"


@pytest.mark.parametrize(
    "url",
    [
        STORY,
        "http://www.example-herald.org/2024/05/31/harbour-lighthouse/",
        "https://EXAMPLE-herald.org:443/2024/05/31/harbour-lighthouse#comments",
        f"{STORY}?utm_source=rss&utm_medium=feed&fbclid=IwAR0x&gclid=abc",
        f"{STORY}?ref=home&smid=tw-share&__twitter_impression=true",
        f"{STORY}/amp/",
        f"{STORY}/amp",
        f"{STORY}?amp",
        f"{STORY}?amp=1&utm_campaign=x",
        f"{STORY}?outputType=amp",
        "https://amp.example-herald.org/2024/05/31/harbour-lighthouse",
        "https://m.example-herald.org/2024/05/31/harbour-lighthouse",
        "https://mobile.example-herald.org/2024/05/31/harbour-lighthouse",
        "https://example-herald.org/amp/2024/05/31/harbour-lighthouse",
        f"{STORY}/print/",
        f"{STORY}?print=true",
        f"{STORY}?view=print",
        "https://www.google.com/amp/s/www.example-herald.org/2024/05/31/harbour-lighthouse/amp/",
        "https://www-example--herald-org.cdn.ampproject.org/c/s/www.example-herald.org/2024/05/31/harbour-lighthouse/amp/?usqp=mq331",
        "  https://example-herald.org/2024/05/31/harbour%2Dlighthouse \n",
        "https://example-herald.org//2024/05/31//harbour-lighthouse/index.html",
    ],
)
def test_every_link_to_one_article_gives_one_address(url):
    assert canonicalize_url(url) == STORY


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/story?id=123&utm_source=x", "https://example.org/story?id=123"),
        ("https://example.org/?p=77", "https://example.org?p=77"),
        ("https://example.org/a.php?page=2&id=9", "https://example.org/a.php?id=9&page=2"),
        ("https://example.org/a.php?id=9&page=2", "https://example.org/a.php?id=9&page=2"),
        ("https://example.org/a?source=4711", "https://example.org/a?source=4711"),
        ("https://example.org/story.amp.html", "https://example.org/story.html"),
        ("https://en.m.example.org/wiki/Lighthouse", "https://en.example.org/wiki/Lighthouse"),
        ("https://example.org/Caf%c3%a9", "https://example.org/Caf%C3%A9"),
        ("https://example.org/Café", "https://example.org/Caf%C3%A9"),
        ("https://example.org/champ", "https://example.org/champ"),
        ("https://example.org/app#!/story/5", "https://example.org/app#!/story/5"),
        ("http://127.0.0.1:8080/a/", "https://127.0.0.1:8080/a"),
        ("https://example.org/a;jsessionid=1F?x=1", "https://example.org/a?x=1"),
        ("urn:newsml:example:1", "urn:newsml:example:1"),
        ("https://[broken", "https://[broken"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_what_does_not_name_the_article_is_taken_away(url, expected):
    assert canonicalize_url(url) == expected


def test_the_same_story_on_two_sites_has_two_addresses():
    assert canonicalize_url("https://a.example/x") != canonicalize_url("https://b.example/x")
    assert is_same_site("https://amp.a.example/x", "https://www.a.example/")
    assert not is_same_site("https://a.example/x", "https://b.example/x")


def test_links_of_a_page_are_resolved_and_other_schemes_refused():
    assert resolve_link("/b", "https://a.example/x/y") == "https://a.example/b"
    assert resolve_link("javascript:alert(1)", "https://a.example/") is None
    assert resolve_link("http://[", "https://a.example/") is None
    assert resolve_link("/b", None) is None


_PIECE = st.sampled_from(
    ["https://", "http://", "www.", "amp.", "m.", "a.example", "/amp/", "/", "?", "&", "id=1", "amp",
     "print", "utm_x=1", "#", "%2F", "%c3%a9", "é", ".html", ";", "=", ":80", "google.com/amp/s/", " "]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(_PIECE, max_size=14).map("".join)))
def test_cleaning_an_address_twice_changes_nothing(url):
    once = canonicalize_url(url)
    assert canonicalize_url(once) == once
