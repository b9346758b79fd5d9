"""What entries of a feed are known by, and feeds in whatever characters."""

from xml.sax.saxutils import escape

import pytest

from wirethread.articles.pages.xml_text import clean_xml
from wirethread.articles.series import derive_keys, find_number
from wirethread.sources.feeds.identity import Draft, holds_same_place, identify_entries
from wirethread.sources.feeds.parsing import parse_feed


def draft(number, guid=None, link=None, text=None):
    return Draft(guid=guid, link=link, title=f"Title {number}", text=text or f"Text {number}.")


def name_all(*drafts):
    return [identity.key for identity in identify_entries(drafts)]


def parse(items, **given):
    words = f"<rss version='2.0'><channel><title>Kell Post</title>{items}</channel></rss>"
    asked = {"url": "https://kell.example/rss", "content_type": None, "max_entries": 50, **given}
    return parse_feed(words.encode(), **asked).entries


def make_item(**fields):
    inside = "".join(f"<{name}>{escape(words)}</{name}>" for name, words in fields.items())
    return f"<item>{inside}</item>"


def test_a_guid_that_all_entries_share_is_none():
    links = [f"https://kell.example/{n}" for n in range(3)]
    drafts = [draft(n, guid="https://kell.example/?p=7", link=link) for n, link in enumerate(links)]
    assert name_all(*drafts) == links
    assert [identity.guid for identity in identify_entries(drafts)] == [None] * 3


def test_an_entry_that_a_feed_lists_twice_is_one():
    one = draft(1, guid="g1", link="https://kell.example/1")
    assert name_all(one, one) == ["g1", "g1"]


def test_entries_without_guid_and_with_one_link_are_told_by_their_words():
    drafts = [draft(n, link="https://kell.example/live") for n in range(3)]
    assert len(set(name_all(*drafts))) == 3
    assert all(identity.is_shared_address for identity in identify_entries(drafts))


def test_links_that_differ_behind_the_hash_are_told_apart_and_marked():
    drafts = [draft(n, link=f"https://kell.example/live#block-{n}") for n in range(3)]
    assert name_all(*drafts) == [entry.link for entry in drafts]
    assert all(identity.is_shared_address for identity in identify_entries(drafts))
    alone = identify_entries([draft(1, link="https://kell.example/a#comments")])
    assert not alone[0].is_shared_address


def test_tokens_of_a_link_are_no_part_of_what_it_is_known_by():
    def name(token):
        links = [f"https://kell.example/detail?file=JX{n}&v=A{n}x{token}" for n in range(3)]
        return name_all(*(draft(n, link=link) for n, link in enumerate(links)))

    assert name("R7tokenOne") == name("pL9tokenTwo")
    assert name("R7tokenOne") == [f"https://kell.example/detail?file=JX{n}" for n in range(3)]


def test_what_looks_like_a_token_but_names_the_article_stays():
    links = [f"https://kell.example/watch?v=aB{n}dE9xyzQ" for n in range(3)]
    assert name_all(*(draft(n, link=link) for n, link in enumerate(links))) == links
    assert name_all(draft(1, link=links[0])) == links[:1]


def test_addresses_that_differ_by_tokens_are_one_place():
    assert holds_same_place("https://k.example/a?t=1", "https://k.example/a?t=2")
    assert not holds_same_place("https://k.example/a", "https://k.example/b")
    google = "https://news.google.com/rss/articles/"
    assert holds_same_place(google + "CBMiA?oc=5", google + "CBMiB?oc=5")


def test_an_aggregator_names_the_outlet_and_has_no_text_of_its_own():
    (entry,) = parse(
        "<item><title>Fleet sails early - The Kell Post</title>"
        "<link>https://news.google.com/rss/articles/CBMi1?oc=5</link>"
        "<description>&lt;a href='x'&gt;Fleet sails early&lt;/a&gt; The Kell Post</description>"
        "<source url='https://kellpost.example'>The Kell Post</source></item>"
    )
    assert (entry.hints["title"], entry.hints["outlet"]) == (
        "Fleet sails early",
        "kellpost.example",
    )
    assert entry.text == ""


def test_the_origin_of_a_papers_own_entry_is_no_outlet():
    (entry,) = parse(
        "<item><title>Fleet sails early</title><link>https://kellpost.example/1</link>"
        "<source url='https://apnews.com'>AP News</source></item>"
    )
    assert "outlet" not in entry.hints
    assert entry.hints["source"] == ["AP News", "https://apnews.com"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Sat, Oct 31 2026 08:28:28 PM", "2026-10-31T20:28:28+00:00"),
        ("2026/11/02 10:00:00", "2026-11-02T10:00:00+00:00"),
        ("Mon, 02 Nov 2026 19:58:02 CET", "2026-11-02T18:58:02+00:00"),
        ("Mon, 02 Nov 2026 19:58:02 JST", "2026-11-02T10:58:02+00:00"),
        ("2. November 2026, 10:00 Uhr", "2026-11-02T10:00:00+00:00"),
        ("Nov 2, 2026", "2026-11-02"),
        ("soon", "soon"),
    ],
)
def test_times_of_feeds_are_read_by_the_reader_of_all_times(words, day):
    (entry,) = parse(make_item(title="A", link="https://kell.example/1", pubDate=words))
    assert entry.hints["published_at"] == day


def test_one_entry_of_a_feed_says_how_the_dates_of_all_are_meant():
    items = [
        make_item(title=day, link=f"https://kell.example/{n}", pubDate=day)
        for n, day in enumerate(("03/04/2026", "13/04/2026"))
    ]
    assert [entry.hints["published_at"] for entry in parse("".join(items))] == [
        "2026-04-03",
        "2026-04-13",
    ]


@pytest.mark.parametrize(
    ("stated", "used"),
    [("utf-8", "cp1251"), ("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("iso-8859-1", "utf-8"),
     ("us-ascii", "cp1251"), (None, "cp1251")],
)  # fmt: skip
def test_a_feed_is_read_in_the_characters_it_has_whatever_it_says(stated, used):
    words = "Мост в порту закрыт до весны, сказали в понедельник в городском совете Острела. " * 5
    label = f" encoding='{stated}'" if stated else ""
    feed = (
        f"<?xml version='1.0'{label}?><rss version='2.0'><channel><title>K</title><item>"
        f"<title>Мост закрыт</title><link>https://k.example/1</link><description>{words}"
        "</description></item></channel></rss>"
    )
    (entry,) = parse_feed(
        feed.encode(used), url="https://k.example/rss", content_type="text/xml", max_entries=5
    ).entries
    assert (entry.hints["title"], entry.text) == ("Мост закрыт", words.strip())


def test_references_that_xml_does_not_know_are_characters():
    told = clean_xml(
        b"\n <?xml version='1.0'?><a>R&D &nbsp;&mdash; &x; &#0;<![CDATA[a & b]]></a>", None
    )
    assert told.decode().partition("?>")[2] == (
        "<a>R&amp;D &#160;&#8212; &amp;x; \ufffd<![CDATA[a & b]]></a>"
    )


def test_the_number_of_an_address_stays_while_its_words_follow_the_headline():
    one = "https://kell.example/news/fleet-sails/a-70123456"
    two = "https://kell.example/news/boom-for-the-fleet/a-70123456"
    assert derive_keys("Kell", one, one).id_key == derive_keys("Kell", two, two).id_key != ""
    assert derive_keys("Kell", one, None).id_key == derive_keys("Kell", two, None).id_key
    assert derive_keys("Kell", one, "x1").id_key != derive_keys("Kell", one, None).id_key
    assert find_number("https://kell.example/2026/11/02/fleet") is None
    assert find_number("https://kell.example/fleet-20261102") is None
    assert find_number("https://kell.example/fleet-12") is None
    assert find_number("https://kell.example/fleet?id=7012345") == "kell.example#7012345"
