"""Logins go where the settings say, and nothing asks addresses that only this machine may see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.serving import Site, serve
from wirethread.sources.crawl import open_crawler
from wirethread.sources.settings import FetchSettings
from wirethread.sources.web.logins import find_login
from wirethread.sources.web.private_hosts import is_public_address
from wirethread.sources.web.responses import Request, Response
from wirethread.sources.web_address import parse_web_address

QUICK = FetchSettings(
    delay_seconds=0, allow_private_addresses=True, retries=0, respect_robots=False
)

# the IANA registries of special-purpose addresses, 2025-10: first and last of each block
NOT_PUBLIC = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("::", "::1"),
    ("::ffff:10.0.0.1", "::ffff:192.168.1.1"),
    ("64:ff9b::a00:1", "64:ff9b::7f00:1"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),
    ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
    ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002:a00:1::", "2002:7f00:1::"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("1000::", "4000::"),  # not given out
]
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:168.63.129.16",
    "64:ff9b::a83f:8110",
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.98.255",
    "192.175.48.1",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4:112::1",
    "2001:20::1",
    "2001:30::1",
    "2001:200::1",
    "2620:4f:8000::1",
    "2a00:1450:4001::1",
    "3ffe:ffff::1",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize(("first", "last"), NOT_PUBLIC)
def test_no_special_address_counts_as_public(first: str, last: str) -> None:
    assert not is_public_address(first)
    assert not is_public_address(last)


@pytest.mark.parametrize("words", METADATA)
def test_where_clouds_answer_their_own_machines_is_not_public(words: str) -> None:
    assert not is_public_address(words)


@pytest.mark.parametrize("words", PUBLIC)
def test_what_stands_beside_a_special_block_is_public(words: str) -> None:
    assert is_public_address(words)


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, Site]]:
    """Two servers on one host, for which ~/.netrc has a login."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me password secret\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    with serve() as first, serve() as second:
        for site in (first, second):
            site.page("/a", "<p>words</p>")
        yield first, second


def fetch(url: str, own: list[str]) -> Response:
    with open_crawler(QUICK, [], own=own) as crawler:
        return next(crawler.fetch_all([Request(url=url)]))[0]


def logins(site: Site) -> list[str | None]:
    return [headers.get("Authorization") for headers in site.headers]


def test_a_login_goes_to_the_address_of_the_settings(sites: tuple[Site, Site]) -> None:
    site, _ = sites
    fetch(f"{site.url}/a", [f"{site.url}/feed"])
    assert logins(site) == ["Basic bWU6c2VjcmV0"]


def test_a_login_follows_no_redirect_and_no_link_to_another_port(sites: tuple[Site, Site]) -> None:
    site, other = sites
    site.answers["/moved"] = (302, {"Location": f"{other.url}/a"}, b"")
    fetch(f"{site.url}/moved", [f"{site.url}/feed"])
    fetch(f"{other.url}/a", [f"{site.url}/feed"])
    assert logins(site) == ["Basic bWU6c2VjcmV0"]
    assert logins(other) == [None, None]


@pytest.mark.parametrize(
    ("url", "came_by_https", "is_sent"),
    [
        ("https://e.org/", False, True),
        ("https://e.org:8443/", False, False),
        ("http://e.org/", False, False),
        ("http://own.org/", False, True),
        ("http://own.org/", True, False),
        ("http://own.org:8080/", False, False),
        ("https://own.org/", False, True),
        ("http://port.org:8080/", False, True),
        ("http://port.org:8081/", False, False),
        ("https://port.org/", False, False),
        ("https://other.org/", False, False),
    ],
)
def test_where_a_login_may_go(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    came_by_https: bool,
    is_sent: bool,
) -> None:
    file = tmp_path / "netrc"
    file.write_text(
        "machine e.org login a password b\nmachine own.org login a password b\n"
        "machine port.org:8080 login a password b\ndefault login x password y\n"
    )
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    login = find_login(
        parse_web_address(url),
        own_origins={"http://own.org:80"},
        came_by_https=came_by_https,
    )
    assert (login is not None) == is_sent
