"""Fetch one address: politely, within limits, and never from where it may not be fetched.

A request passes, hop by hop: the host's robots.txt, its turn (one at a time, with a pause), the
check of its address, and the limits on size, time and redirects.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from wirethread.sources.settings import FetchSettings
from wirethread.sources.web.hosts import HostRecord, choose_wait, is_in_force, read_retry_after
from wirethread.sources.web.logins import find_login
from wirethread.sources.web.responses import (
    FetchError,
    LaterError,
    Outcome,
    RefusedError,
    Request,
    Response,
    UnreachableError,
)
from wirethread.sources.web.robots import (
    MAX_ROBOTS_BYTES,
    check_rules,
    choose_rules,
    name_product,
    read_crawl_delay,
)
from wirethread.sources.web.transport import CheckedTransport
from wirethread.sources.web.unpacking import ACCEPTED, Unpacker
from wirethread.sources.web_address import WebAddress, join_address, parse_web_address

__all__ = ["Fetcher"]

_MOVED_FOR_GOOD = (301, 308)
_MOVED = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_KEPT_HEADERS = ("content-type", "etag", "last-modified")
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml,"
    " application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)
_READABLE = ("text/", "html", "xml", "octet-stream")
_MAX_HEADER = 500


@dataclass(slots=True)
class HostTurn:
    """Who may ask a host next, and when. Host names share one, whatever the port."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0
    n_pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One hop: what one server answered. `content` is empty unless it was asked for and found."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(slots=True)
class Route:
    """How one address came to be asked: what decides whether it gets a login."""

    own_origins: Collection[str]
    came_by_https: bool = False


class Fetcher:
    """Fetches addresses under one set of settings. An async context manager.

    `hosts` is what earlier runs remember; `changed_hosts` afterwards is what is new. `own` are the
    addresses that the settings name, to whose origins logins may go; without any, each request is
    its own.
    """

    def __init__(
        self,
        settings: FetchSettings,
        hosts: Iterable[HostRecord] = (),
        *,
        own: Iterable[str] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._now = now
        self._product = name_product(settings.user_agent)
        self._hosts = {one.origin: one for one in hosts}
        self._changed: set[str] = set()
        self._own = {find_origin(url) for url in own}
        self._turns: dict[str, HostTurn] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._ends_at = time.monotonic() + settings.max_seconds_per_run
        self._client = httpx.AsyncClient(
            transport=CheckedTransport(allow_private=settings.allow_private_addresses),
            trust_env=False,
            follow_redirects=False,
            # cookies live as long as one address is followed, not longer
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            headers={
                "User-Agent": settings.user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": ACCEPTED,
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    def changed_hosts(self) -> list[HostRecord]:
        """Return what was learnt of hosts since the last call."""
        changed, self._changed = self._changed, set()
        return [self._hosts[origin] for origin in sorted(changed)]

    async def fetch(self, request: Request) -> Response:
        """Fetch one address; whatever goes wrong is an answer too."""
        try:
            return await self._follow(request)
        except FetchError as error:
            return Response(
                request=request, outcome=error.outcome, reason=str(error), status=error.status
            )

    async def _follow(self, request: Request) -> Response:
        address = _parse(request.url)
        is_for_good, moved_to = True, None
        cookies, seen = httpx.Cookies(), set[tuple[str, str]]()
        budget = self._settings.total_seconds
        route = Route(own_origins=self._own or {address.origin})
        for _ in range(self._settings.max_redirects + 1):
            await self._check_robots(address, route)
            asked = self._build(address, cookies, request if not seen else None, route)
            route.came_by_https |= address.scheme == "https"
            place = (address.url, asked.headers.get("cookie", ""))
            if place in seen:
                raise FetchError(f"its redirects go in a circle at {address.url}")
            seen.add(place)
            begun = time.monotonic()
            response = await self._ask(address, asked, cookies, budget)
            budget -= time.monotonic() - begun
            location = response.headers.get("location")
            if response.status not in _MOVED or not location:
                return self._judge(request, address, response, moved_to)
            address = _join(address, location)
            is_for_good = is_for_good and response.status in _MOVED_FOR_GOOD
            moved_to = address.url if is_for_good else moved_to
        raise FetchError(f"it redirects more than {self._settings.max_redirects} times")

    def _judge(
        self, request: Request, address: WebAddress, response: Exchange, moved_to: str | None
    ) -> Response:
        """Turn the last hop into what the asker wants to know."""
        outcome, reason, wait = Outcome.FETCHED, "", None
        status = response.status
        if status == 304 and (request.etag or request.last_modified):
            outcome = Outcome.UNCHANGED
        elif status == 410:
            outcome, reason = Outcome.GONE, "the server says that it is gone for good (410)"
        elif status in _BUSY:
            wait = self._leave_alone(address, response)
            outcome = Outcome.LATER
            reason = f"the server answers {_name(status)}; it is left alone for {wait:.0f} s"
        elif status not in (200, 203):
            outcome, reason = Outcome.FAILED, f"the server answers {_name(status)}"
        return Response(
            request=request,
            outcome=outcome,
            reason=reason,
            status=status,
            url=address.url,
            moved_to=moved_to if outcome in (Outcome.FETCHED, Outcome.UNCHANGED) else None,
            content=response.content if outcome is Outcome.FETCHED else b"",
            headers={name: response.headers.get(name, "")[:_MAX_HEADER] for name in _KEPT_HEADERS},
            wait_seconds=wait,
        )

    def _leave_alone(self, address: WebAddress, response: Exchange) -> float:
        record = self._hosts.get(address.origin, HostRecord(origin=address.origin))
        now = self._now()
        wait = choose_wait(
            read_retry_after(response.headers.get("retry-after"), now), record.n_waits
        )
        self._remember(
            replace(record, not_before=now + timedelta(seconds=wait), n_waits=record.n_waits + 1)
        )
        return wait

    def _remember(self, record: HostRecord) -> None:
        self._hosts[record.origin] = record
        self._changed.add(record.origin)

    def _build(
        self,
        address: WebAddress,
        cookies: httpx.Cookies,
        first: Request | None,
        route: "Route",
    ) -> httpx.Request:
        headers = {}
        if first is not None and first.etag:
            headers["If-None-Match"] = first.etag
        if first is not None and first.last_modified:
            headers["If-Modified-Since"] = first.last_modified
        login = find_login(
            address, own_origins=route.own_origins, came_by_https=route.came_by_https
        )
        if login:
            headers["Authorization"] = login
        try:
            request = self._client.build_request("GET", address.url, headers=headers)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise RefusedError(f"it is no web address: {error}") from error
        cookies.set_cookie_header(request)
        return request

    async def _check_robots(self, address: WebAddress, route: "Route") -> None:
        """Raise where the host is to be left alone, or its rules do not allow the address."""
        record = self._hosts.get(address.origin, HostRecord(origin=address.origin))
        now = self._now()
        if is_in_force(record.not_before, now):
            raise LaterError(f"{address.host} asked to be left alone until {record.not_before:%c}")
        if not self._settings.respect_robots:
            return
        async with self._robots_locks.setdefault(address.origin, asyncio.Lock()):
            record = self._hosts.get(address.origin, record)
            if not is_in_force(record.robots_until, now):
                status, content = await self._read_robots(address, replace(route))
                record = choose_rules(
                    self._hosts.get(address.origin, record), status, content, self._now()
                )
                self._remember(record)
        check_rules(record, address.url, self._product)

    async def _read_robots(self, address: WebAddress, route: "Route") -> tuple[int, bytes]:
        """Return status and content of a host's robots.txt; its own redirects are followed."""
        place = _parse(f"{address.origin}/robots.txt")
        cookies = httpx.Cookies()
        for _ in range(6):
            asked = self._build(place, cookies, None, route)
            route.came_by_https |= place.scheme == "https"
            response = await self._ask(place, asked, cookies, 30.0, is_robots=True)
            location = response.headers.get("location")
            if response.status not in _MOVED or not location:
                return response.status, response.content
            place = _join(place, location)
        return 404, b""  # the standard: after five redirects it may count as not there

    async def _ask(
        self,
        address: WebAddress,
        request: httpx.Request,
        cookies: httpx.Cookies,
        seconds: float,
        *,
        is_robots: bool = False,
    ) -> Exchange:
        """Wait for the turn of a host, ask it, and try again at once where a connection broke."""
        turn = self._turns.setdefault(address.host, HostTurn())
        async with turn.lock:
            for attempt in range(self._settings.retries + 1):
                await self._wait_for(turn, is_robots=is_robots)
                try:
                    async with self._slots:
                        return await self._exchange(request, cookies, seconds, is_robots)
                except UnreachableError:
                    if attempt == self._settings.retries:
                        raise
                finally:
                    turn.next_at = time.monotonic() + self._choose_delay(address)
        raise AssertionError  # the loop returns or raises

    async def _wait_for(self, turn: HostTurn, *, is_robots: bool) -> None:
        if not is_robots:
            if turn.n_pages >= self._settings.max_pages_per_host:
                raise LaterError("its host has given enough for one run")
            turn.n_pages += 1
        begins_at = max(time.monotonic(), turn.next_at)
        if begins_at >= self._ends_at:
            raise LaterError("the time for fetching in one run is over")
        await asyncio.sleep(begins_at - time.monotonic())

    def _choose_delay(self, address: WebAddress) -> float:
        record = self._hosts.get(address.origin)
        asked = read_crawl_delay(record, self._product) if record is not None else 0.0
        respected = asked if self._settings.respect_robots else 0.0
        return max(self._settings.delay_seconds, respected)

    async def _exchange(
        self, request: httpx.Request, cookies: httpx.Cookies, seconds: float, is_robots: bool
    ) -> Exchange:
        limits = self._settings
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                response = await self._client.send(request, stream=True)
                try:
                    cookies.extract_cookies(response)
                    content = await self._download(response, is_robots)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise FetchError(f"it took longer than {limits.total_seconds:g} s in all") from None
        except httpx.ConnectTimeout:
            raise FetchError(
                f"it takes no connection within {limits.connect_seconds:g} s"
            ) from None
        except httpx.TimeoutException:
            raise FetchError(f"it sent nothing for {limits.read_seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            words = str(error) or type(error).__name__
            raise UnreachableError(f"it cannot be reached: {words}") from error
        return Exchange(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
        )

    async def _download(self, response: httpx.Response, is_robots: bool) -> bytes:
        """Return the content of a good answer, of any other nothing."""
        if response.status_code not in (200, 203):
            return b""
        kind = response.headers.get("content-type", "").lower()
        if kind and not is_robots and not any(word in kind for word in _READABLE):
            raise RefusedError(f"it is {kind[:60]}, neither a page nor a feed")
        max_bytes = MAX_ROBOTS_BYTES if is_robots else self._settings.max_bytes
        length = response.headers.get("content-length", "")
        if length.isdigit() and not is_robots and int(length[:18]) > max_bytes:
            raise FetchError(f"it is larger than {max_bytes:,} bytes")
        unpacker = Unpacker(
            response.headers.get("content-encoding", ""), max_bytes, is_cut=is_robots
        )
        async for piece in response.aiter_raw():
            unpacker.feed(piece)
            if unpacker.is_full:
                break
        return unpacker.finish()


def _parse(url: str) -> WebAddress:
    try:
        return parse_web_address(url)
    except ValueError as error:
        raise RefusedError(str(error)) from error


def find_origin(url: str) -> str:
    """Return the origin of an address, nothing where it is none."""
    try:
        return parse_web_address(url).origin
    except ValueError:
        return ""


def _join(address: WebAddress, location: str) -> WebAddress:
    try:
        return join_address(address.url, location)
    except ValueError as error:
        raise RefusedError(f"it redirects to {location[:100]!r}: {error}") from error


def _name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
