"""Feeds as they should be, as they are, and as an enemy writes them."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.mutating import MUTATIONS
from wirethread.sources.feeds.apart import is_suspicious, parse_apart
from wirethread.sources.feeds.parsing import Feed, looks_like_feed
from wirethread.sources.feeds.reading import read_feed

URL = "https://gazette.example/feed"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Harbour Gazette</title><link>https://gazette.example/</link><language>en-gb</language>
<item><title>Ferry &amp; pier reopen</title><link>/news/1?utm_source=rss</link>
<guid isPermaLink="false">n1</guid><dc:creator>Jane Doe</dc:creator>
<pubDate>Mon, 11 Mar 2024 10:00:00 +0100</pubDate>
<source url="https://www.dpa.com/">dpa</source>
<content:encoded><![CDATA[<p>The ferry sails.</p><p>The pier is open.</p>]]></content:encoded></item>
<item><title>Second</title><link>https://gazette.example/news/2</link></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">
<title>La Gazette</title><id>urn:g</id><updated>2024-03-11T10:00:00Z</updated>
<entry><title type="html">Le &lt;b&gt;port&lt;/b&gt; rouvre</title><id>urn:g:1</id>
<link rel="self" href="/api/1"/><link rel="alternate" href="/1.html"/>
<updated>2024-03-11T11:00:00Z</updated><published>2024-03-11T09:00:00Z</published>
<author><name>Anne Roux</name></author>
<source><title>AFP</title><link href="https://www.afp.com/"/></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un.</p><p>Deux.</p></div></content>
</entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://g.example/"><title>Old Gazette</title><link>https://g.example/</link></channel>
<item rdf:about="https://g.example/7"><title>Seventh</title><link>https://g.example/7</link>
<description>Words of it.</description><dc:date>2024-03-11T10:00:00Z</dc:date></item></rdf:RDF>"""
SEEDS = {"rss": RSS.encode(), "atom": ATOM.encode(), "rdf": RDF.encode(),
         "utf16": RSS.replace("utf-8", "utf-16").encode("utf-16")}  # fmt: skip


def parse(content: str | bytes, content_type: str | None = None) -> Feed:
    words = content.encode() if isinstance(content, str) else content
    return read_feed(words, url=URL, content_type=content_type)


def test_an_rss_entry_says_what_it_knows() -> None:
    found = parse(RSS)
    assert (found.title, found.problem, len(found.entries)) == ("Harbour Gazette", None, 2)
    first = found.entries[0]
    assert (first.key, first.url) == ("n1", "https://gazette.example/news/1?utm_source=rss")
    assert first.text == "The ferry sails.\n\nThe pier is open."
    assert first.hints == {
        "title": "Ferry & pier reopen",
        "published_at": "2024-03-11T09:00:00+00:00",
        "authors": ["Jane Doe"],
        "source": ["dpa", "https://www.dpa.com/"],
        "language": "en-gb",
        "guid": "n1",
    }
    assert found.entries[1].key == "https://gazette.example/news/2"


def test_an_atom_entry_says_what_it_knows() -> None:
    (entry,) = parse(ATOM).entries
    assert (entry.key, entry.url) == ("urn:g:1", "https://gazette.example/1.html")
    assert entry.text == "Un.\n\nDeux."
    assert entry.hints["title"] == "Le port rouvre"
    assert entry.hints["published_at"] == "2024-03-11T09:00:00+00:00"
    assert entry.hints["authors"] == ["Anne Roux"]
    assert entry.hints["source"][0] == "AFP"


def test_an_rdf_entry_says_what_it_knows() -> None:
    found = parse(RDF)
    (entry,) = found.entries
    assert (found.title, entry.url, entry.text) == (
        "Old Gazette",
        "https://g.example/7",
        "Words of it.",
    )
    assert entry.hints["published_at"] == "2024-03-11T10:00:00+00:00"


@pytest.mark.parametrize("content", list(SEEDS.values()), ids=list(SEEDS))
def test_a_feed_is_told_from_a_page(content: bytes) -> None:
    assert looks_like_feed(content)
    assert not looks_like_feed(b"<!doctype html><html><body>" + content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_umlauts_survive_every_encoding_that_is_declared(encoding: str) -> None:
    words = RSS.replace("Second", "Öl für Köln").replace('"utf-8"', f'"{encoding}"')
    assert parse(words.encode(encoding)).entries[1].hints["title"] == "Öl für Köln"


@pytest.mark.parametrize(
    "broken",
    [RSS.replace("Second", "Öl").encode("latin-1"), b"\xff\xfe" + RSS.encode(),
     RSS.replace('"utf-8"', '"no-such-code"').encode(), b"\xef\xbb\xbf" + RSS.encode(),
     RSS.replace("Second", "S\0econd\x01").encode(), RSS.encode()[:-60]],
    ids=["latin", "false-mark", "unknown", "mark", "controls", "cut"],
)  # fmt: skip
def test_broken_encodings_cost_at_most_the_entry(broken: bytes) -> None:
    try:
        assert len(parse(broken).entries) >= 1
    except ValueError as error:
        assert "XML" in str(error) or "no feed" in str(error)


def test_a_billion_laughs_are_not_laughed() -> None:
    doubled = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{doubled}]>'
    begun = time.monotonic()
    found = parse(RSS.replace("<rss", f"{bomb}<rss").replace("Second", "&a11;"))
    assert len(found.entries) == 2
    assert all(len(one.hints["title"]) < 100 for one in found.entries)
    assert time.monotonic() - begun < 5


def test_an_entity_never_reads_a_file_of_this_machine() -> None:
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    found = parse(RSS.replace("<rss", f"{outside}<rss").replace("Second", "&a;"))
    assert "root:" not in repr(found)


@pytest.mark.parametrize(
    "evil",
    ["<rss version='2.0'" + "".join(f" a{n}=''" for n in range(90_000)) + "><channel/></rss>",
     RSS.replace("Jane Doe", "a." * 50_000)],
    ids=["attributes", "author"],
)  # fmt: skip
def test_what_would_take_minutes_is_given_up(evil: str) -> None:
    assert is_suspicious(evil.encode())
    with pytest.raises(ValueError, match=r"longer than 0\.5 s"):
        parse_apart(evil.encode(), url=URL, content_type=None, max_entries=9, max_seconds=0.5)


def test_a_feed_read_in_another_process_is_the_same_feed() -> None:
    assert not is_suspicious(RSS.encode())
    apart = parse_apart(RSS.encode(), url=URL, content_type=None, max_entries=200)
    assert apart == parse(RSS)
    with pytest.raises(ValueError, match="it is no feed"):
        parse_apart(b"nothing", url=URL, content_type=None, max_entries=200)


def test_only_the_first_entries_are_looked_at_and_each_key_once() -> None:
    last = RSS[RSS.rindex("<item>") : RSS.index("</channel>")]
    twice = RSS.replace("</channel>", f"{last}</channel>")
    titles = [one.hints["title"] for one in parse(twice).entries]
    assert titles == ["Ferry & pier reopen", "Second"]
    assert len(read_feed(RSS.encode(), url=URL, max_entries=1).entries) == 1


def check(content: bytes, content_type: str | None = None) -> int:
    """Parse anything; return the number of entries, -1 for a refusal."""
    try:
        found = parse(content, content_type)
    except ValueError as error:
        assert str(error).strip()
        return -1
    for entry in found.entries:
        assert entry.key
        assert entry.stamp
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        repr(entry)
    return len(found.entries)


@given(st.binary(max_size=300), st.integers(0, 2000), st.sampled_from(sorted(SEEDS)))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_any_bytes_in_a_feed_are_read_or_refused(soup: bytes, place: int, name: str) -> None:
    check(SEEDS[name][:place] + soup + SEEDS[name][place:])


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_words_in_a_feed_are_read_or_refused(title: str, link: str, kind: str) -> None:
    words = RSS.replace("Second", title).replace("/news/1?utm_source=rss", link)
    check(words.encode("utf-8", "surrogatepass"), kind)


def read_mutants(n_feeds: int, seed: int) -> tuple[int, int, float]:
    """Return how many damaged feeds were read and refused, and the longest time in seconds."""
    n_read, longest = 0, 0.0
    for number in range(n_feeds):
        chance = random.Random(f"{seed}-{number}")
        data = SEEDS[chance.choice(sorted(SEEDS))]
        for _ in range(chance.choice((1, 1, 2, 3))):
            data = chance.choice(MUTATIONS)(data, chance, SEEDS)[: 2**20]
        begun = time.perf_counter()
        try:
            n_read += check(data) >= 0
        except Exception as error:
            raise AssertionError(f"feed {number} of seed {seed}: {error!r}") from error
        longest = max(longest, time.perf_counter() - begun)
    return n_read, n_feeds - n_read, longest


@pytest.mark.heavy
def test_damaged_feeds_are_read_or_refused_with_a_reason() -> None:
    n_read, n_refused, longest = read_mutants(130, seed=1)
    assert n_read > 60
    assert n_refused > 10
    assert longest < 30


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_five_thousand_damaged_feeds_end_soon() -> None:
    n_read, n_refused, longest = read_mutants(5000, seed=2)
    assert n_read + n_refused == 5000
    assert longest < 35
