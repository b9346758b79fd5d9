import gzip
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import pytest

from tests.sources.serving import Site, serve
from wirethread.sources.crawl import Crawler, open_crawler
from wirethread.sources.settings import FetchSettings
from wirethread.sources.web.hosts import HostRecord
from wirethread.sources.web.private_hosts import is_public_address
from wirethread.sources.web.responses import Outcome, Request, Response
from wirethread.sources.web_address import parse_web_address

QUICK = FetchSettings(
    delay_seconds=0, allow_private_addresses=True, read_seconds=0.4, total_seconds=0.8, retries=0
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def fetch(url: str, settings: FetchSettings = QUICK, **asked: str) -> Response:
    with open_crawler(settings, []) as crawler:
        return fetch_each(crawler, [Request(url=url, **asked)])[0]


def fetch_each(crawler: Crawler, requests: Sequence[Request]) -> list[Response]:
    return list(chain.from_iterable(crawler.fetch_all(requests)))


def test_a_page_comes_with_its_headers_and_we_say_who_we_are(site: Site) -> None:
    site.page("/a", "<p>words</p>", ETag='"1"')
    response = fetch(f"{site.url}/a", replace(QUICK, user_agent="mine/1 (me@example.org)"))
    assert (response.outcome, response.content) == (Outcome.FETCHED, b"<p>words</p>")
    assert response.headers["etag"] == '"1"'
    assert site.asked == ["/robots.txt", "/a"]
    assert site.headers[1]["User-Agent"] == "mine/1 (me@example.org)"


def test_an_unchanged_page_costs_an_answer_without_content(site: Site) -> None:
    site.answers["/a"] = lambda call: (
        (304, {}, b"") if call.headers["If-None-Match"] == '"1"' else (200, {}, b"x")
    )
    assert fetch(f"{site.url}/a", etag='"1"').outcome is Outcome.UNCHANGED


def test_robots_txt_keeps_us_out_and_is_asked_once(site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /no", "text/plain")
    site.page("/yes", "y")
    site.page("/no", "n")
    with open_crawler(QUICK, []) as crawler:
        requests = [Request(url=f"{site.url}{path}") for path in ("/no", "/yes", "/no?x=1")]
        found = {one.request.url: one for one in fetch_each(crawler, requests)}
        hosts = crawler.changed_hosts()
    assert [found[one.url].outcome for one in requests] == ["refused", "fetched", "refused"]
    assert "robots.txt does not allow it" in found[requests[0].url].reason
    assert site.asked == ["/robots.txt", "/yes"]
    with open_crawler(QUICK, hosts) as crawler:
        fetch_each(crawler, [Request(url=f"{site.url}/yes")])
    assert site.count("/robots.txt") == 1


def test_a_broken_robots_txt_closes_the_host_for_now(site: Site) -> None:
    site.answers["/robots.txt"] = (503, {}, b"")
    site.page("/a", "a")
    response = fetch(f"{site.url}/a")
    assert response.outcome is Outcome.LATER
    assert "robots.txt answers 503" in response.reason
    assert site.count("/a") == 0
    assert fetch(f"{site.url}/a", replace(QUICK, respect_robots=False)).content == b"a"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "169.254.169.254", "10.1.2.3", "2130706433",
     "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "192.168.0.1", "[fe80::1]",
     "[fd00::1]", "100.64.0.1", "224.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
def test_private_addresses_are_refused_in_every_spelling(site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    response = fetch(f"http://{host}:{port}/a", replace(QUICK, allow_private_addresses=False))
    assert response.outcome is Outcome.REFUSED
    assert (
        "private address" in response.reason or host == "0177.0.0.1"
    )  # httpx takes no such number
    assert site.asked == []


@pytest.mark.parametrize("words", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_public(words: str) -> None:
    assert is_public_address(words)


@pytest.mark.parametrize("url", ["ftp://e.org/", "file:///etc/passwd", "e.org", "http://", "http://e.org:0/",
                                 "http://e.org:99999/", "javascript:x", "http://a b/"])  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert fetch(url).outcome is Outcome.REFUSED


def test_a_password_in_an_address_is_refused_and_never_repeated() -> None:
    with pytest.raises(ValueError, match="netrc") as refusal:
        parse_web_address("https://me:secret@example.org/feed")
    assert "secret" not in str(refusal.value)


def test_redirects_are_followed_and_lasting_ones_remembered(site: Site) -> None:
    site.redirect("/old", "/new", 301)
    site.redirect("/maybe", "/new", 302)
    site.page("/new", "n")
    response = fetch(f"{site.url}/old")
    assert (response.content, response.moved_to) == (b"n", f"{site.url}/new")
    response = fetch(f"{site.url}/maybe")
    assert (response.url, response.moved_to) == (f"{site.url}/new", None)


def test_circles_long_chains_and_doors_to_elsewhere_end(site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    for number in range(9):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.redirect("/file", "file:///etc/passwd")
    assert "circle" in fetch(f"{site.url}/a").reason
    assert "more than 5 times" in fetch(f"{site.url}/0").reason
    assert fetch(f"{site.url}/file").outcome is Outcome.REFUSED


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_bombs_are_given_up_at_the_limit(site: Site, encoding: str) -> None:
    bomb = b"\0" * 20_000_000
    site.page(
        "/b",
        gzip.compress(bomb) if encoding == "gzip" else zlib.compress(bomb),
        Content_Encoding=encoding,
    )
    response = fetch(f"{site.url}/b", replace(QUICK, max_bytes=100_000))
    assert response.reason == "it is larger than 100,000 bytes when unpacked"


def test_packed_pages_are_unpacked_and_what_we_did_not_ask_for_is_refused(site: Site) -> None:
    site.page("/g", gzip.compress(b"one") + gzip.compress(b"two"), Content_Encoding="gzip")
    raw = zlib.compressobj(wbits=-15)
    site.page("/d", raw.compress(b"three") + raw.flush(), Content_Encoding="deflate")
    site.page("/h", gzip.compress(b"half" * 999)[:30], Content_Encoding="gzip")
    site.page("/br", b"x", Content_Encoding="br")
    assert fetch(f"{site.url}/g").content == b"onetwo"
    assert fetch(f"{site.url}/d").content == b"three"
    assert fetch(f"{site.url}/h").reason == "it stops half way"
    assert "packed with br" in fetch(f"{site.url}/br").reason


def test_slow_dripping_and_endless_answers_end_in_time(site: Site) -> None:
    def drip(call: object) -> None:
        call.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")  # type: ignore[attr-defined]
        for _ in range(60):
            call.wfile.write(b"x")  # type: ignore[attr-defined]
            time.sleep(0.05)

    def drip_head(call: object) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-A: " + b"y" * 60:
            call.wfile.write(bytes([letter]))  # type: ignore[attr-defined]
            time.sleep(0.05)

    def stall(call: object) -> None:
        time.sleep(0.9)

    def pour(call: object) -> None:
        call.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")  # type: ignore[attr-defined]
        for _ in range(1000):
            call.wfile.write(b"x" * 10_000)  # type: ignore[attr-defined]

    site.answers |= {"/drip": drip, "/head": drip_head, "/stall": stall, "/pour": pour}
    begun = time.monotonic()
    assert "longer than 0.8 s in all" in fetch(f"{site.url}/drip").reason
    assert "longer than 0.8 s in all" in fetch(f"{site.url}/head").reason
    assert "sent nothing for 0.4 s" in fetch(f"{site.url}/stall").reason
    assert (
        "larger than 1,000,000"
        in fetch(f"{site.url}/pour", replace(QUICK, max_bytes=1_000_000)).reason
    )
    assert time.monotonic() - begun < 4


def test_a_server_that_asks_for_rest_gets_it(site: Site) -> None:
    site.answers["/busy"] = (429, {"Retry-After": "120"}, b"")
    site.page("/a", "a")
    with open_crawler(QUICK, []) as crawler:
        requests = [Request(url=f"{site.url}/busy"), Request(url=f"{site.url}/a")]
        busy, other = fetch_each(crawler, requests)
        hosts: list[HostRecord] = crawler.changed_hosts()
    assert (busy.outcome, busy.wait_seconds, busy.status) == (Outcome.LATER, 120.0, 429)
    assert (other.outcome, other.status) == (Outcome.LATER, None)
    assert site.count("/a") == 0
    with open_crawler(QUICK, hosts) as crawler:
        assert fetch_each(crawler, requests)[0].status is None
    assert site.count("/busy") == 1


def test_one_host_is_asked_one_at_a_time_with_a_pause(site: Site) -> None:
    for number in range(4):
        site.page(f"/{number}", "x")
    begun = time.monotonic()
    with open_crawler(replace(QUICK, delay_seconds=0.1), []) as crawler:
        found = fetch_each(crawler, [Request(url=f"{site.url}/{n}") for n in range(4)])
    assert [one.outcome for one in found] == ["fetched"] * 4
    assert time.monotonic() - begun >= 0.4  # robots.txt and four pages: four pauses


def test_what_is_neither_page_nor_feed_is_refused_unread(site: Site) -> None:
    site.page("/p", b"%PDF" * 10, "application/pdf")
    assert "application/pdf" in fetch(f"{site.url}/p").reason


def test_several_hosts_are_asked_at_the_same_time(site: Site) -> None:
    def pause(call: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.3)
        return 200, {"Content-Type": "text/html"}, b"x"

    site.answers |= {"/a": pause, "/b": pause}
    other = site.url.replace("127.0.0.1", "127.1")  # the same machine under another name
    requests = [Request(url=f"{url}{path}") for path in ("/a", "/b") for url in (site.url, other)]
    begun = time.monotonic()
    with open_crawler(QUICK, []) as crawler:
        found = fetch_each(crawler, requests)
    assert [one.outcome for one in found] == ["fetched"] * 4
    assert time.monotonic() - begun < 1.1  # one after the other they take 1.2 s
