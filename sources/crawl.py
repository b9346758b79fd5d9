"""Fetch many addresses: several hosts at a time, each host one after the other."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from wirethread.sources.settings import FetchSettings
from wirethread.sources.web.fetching import Fetcher
from wirethread.sources.web.hosts import HostRecord
from wirethread.sources.web.responses import Request, Response

__all__ = ["Crawler", "open_crawler"]

Result = TypeVar("Result")
_MOST_WAITING = 32
"""Answers held for a slow asker; then the hosts wait too, so that memory stays bounded."""
_LAST_SECONDS = 1.0
"""What is left to do when a crawler is closed gets so long."""


class Crawler:
    """Fetches from a thread of its own, so that storing and fetching go on side by side."""

    def __init__(
        self, settings: FetchSettings, hosts: Iterable[HostRecord], own: Iterable[str]
    ) -> None:
        self._settings = settings
        self._own = tuple(own)
        self._loop = asyncio.new_event_loop()
        self._names = ThreadPoolExecutor(settings.concurrency, "resolve")
        self._loop.set_default_executor(self._names)
        self._thread = threading.Thread(target=self._loop.run_forever, name="crawl", daemon=True)
        self._thread.start()
        self._fetcher = self._do(self._open(hosts))

    async def _open(self, hosts: Iterable[HostRecord]) -> Fetcher:
        return Fetcher(self._settings, hosts, own=self._own)

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def fetch_all(self, requests: Sequence[Request]) -> Iterator[Sequence[Response]]:
        """Yield an answer to each request, as they come: each time all those that are there.

        An unfinished iterator stops fetching.
        """
        responses: asyncio.Queue[Response | Exception] = asyncio.Queue(_MOST_WAITING)
        workers = self._do(self._start(requests, responses))
        n_left = len(requests)
        try:
            while n_left:
                found = self._do(_take_ready(responses))
                n_left -= len(found)
                yield found
        finally:
            self._do(self._stop(workers))

    async def _start(
        self, requests: Sequence[Request], responses: asyncio.Queue[Response | Exception]
    ) -> list[asyncio.Task[None]]:
        by_host: dict[str, list[Request]] = {}
        for request in requests:
            by_host.setdefault(_find_host(request.url), []).append(request)
        return [asyncio.create_task(self._work(queue, responses)) for queue in by_host.values()]

    async def _work(
        self, queue: Sequence[Request], responses: asyncio.Queue[Response | Exception]
    ) -> None:
        """Ask one host; what fails here is no answer, and is raised where answers are taken."""
        try:
            for request in queue:
                await responses.put(await self._fetcher.fetch(request))
        except Exception as error:
            await responses.put(error)

    async def _stop(self, workers: Sequence[asyncio.Task[None]]) -> None:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def changed_hosts(self) -> list[HostRecord]:
        """Return what was learnt of hosts since the last call."""
        return self._fetcher.changed_hosts()

    def close(self) -> None:
        """Close every connection and end the thread; a name still being resolved is left to it."""
        self._do(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._names.shutdown(wait=False, cancel_futures=True)
        self._loop.close()

    async def _finish(self) -> None:
        """Close the connections, and wait for what the end of a broken-off answer left to do."""
        await self._fetcher.__aexit__(None, None, None)
        await self._loop.shutdown_asyncgens()
        await asyncio.sleep(0)  # generators that were let go of become tasks at the next turn
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=_LAST_SECONDS)


@contextmanager
def open_crawler(
    settings: FetchSettings, hosts: Iterable[HostRecord], *, own: Iterable[str] = ()
) -> Iterator[Crawler]:
    """Open a crawler for the time of the block; `own` are the addresses that the settings name."""
    crawler = Crawler(settings, hosts, own)
    try:
        yield crawler
    finally:
        crawler.close()


async def _take_ready(responses: asyncio.Queue[Response | Exception]) -> list[Response]:
    """Return the next answer and those that came before it was asked for; raise what failed."""
    found: list[Response] = []
    while not found or not responses.empty():
        response = await responses.get()
        if isinstance(response, Exception):
            raise response
        found.append(response)
    return found


def _find_host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
