"""Who waits for a turn: the first in line goes first, nobody holds a thread, nobody is forgotten."""

import asyncio
import threading
from pathlib import Path

import pytest
from starlette.requests import Request

from wirethread.web.problems import ProblemError
from wirethread.web.settings import WebSettings
from wirethread.web.site import HTML, Line, Site
from wirethread.web.turns import Turns


@pytest.mark.parametrize("n_at_once", [1, 2])
def test_who_came_first_goes_first_and_only_so_many_work_at_once(n_at_once: int) -> None:
    turns = Turns(n_at_once, 30.0)
    order: list[int] = []
    at_once: list[int] = []
    working: set[int] = set()
    lock = threading.Lock()
    first = threading.Barrier(n_at_once + 1)

    def work(number: int) -> int:
        with lock:
            order.append(number)
            working.add(number)
            at_once.append(len(working))
        if number < n_at_once:
            first.wait(10)  # they are inside while the others come
        with lock:
            working.discard(number)
        return 10 * number

    async def ask_all() -> list[int]:
        asked = []
        for number in range(12):
            asked.append(asyncio.create_task(turns.run(lambda number=number: work(number))))
            await asyncio.sleep(0)
        await asyncio.to_thread(first.wait, 10)
        return await asyncio.gather(*asked)

    assert asyncio.run(ask_all()) == [10 * number for number in range(12)]
    assert max(at_once) == n_at_once
    assert sorted(order[:n_at_once]) == list(range(n_at_once))
    if n_at_once == 1:  # of two that are let in, the later one may be quicker to begin
        assert order == list(range(12))


def test_who_waits_in_vain_is_refused_and_holds_up_nobody() -> None:
    turns = Turns(1, 0.05)
    goes_on = threading.Event()

    async def ask() -> str:
        long = asyncio.create_task(turns.run(lambda: goes_on.wait(10)))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as refused:
            await turns.run(lambda: "never")
        assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "5"})
        left = asyncio.create_task(turns.run(lambda: "left"))
        await asyncio.sleep(0)
        left.cancel()
        goes_on.set()
        assert await long
        return await turns.run(lambda: "next")

    assert asyncio.run(ask()) == "next"


def test_what_fails_gives_its_turn_back() -> None:
    turns = Turns(1, 30.0)

    def fail() -> None:
        raise ValueError("broken")

    async def ask() -> str:
        with pytest.raises(ValueError, match="broken"):
            await turns.run(fail)
        return await turns.run(lambda: "next")

    assert asyncio.run(ask()) == "next"


def test_askers_of_several_loops_share_one_line() -> None:
    turns = Turns(1, 30.0)
    answers: list[int] = []

    def ask(number: int) -> None:
        answers.append(asyncio.run(turns.run(lambda: number)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == list(range(20))


def test_however_many_wait_for_a_search_other_pages_are_answered(published: Path) -> None:
    site = Site(WebSettings(folder=published))
    goes_on = threading.Event()
    path = {"type": "http", "method": "GET", "path": "/outlets", "headers": [], "query_string": b""}

    async def ask() -> bytes:
        waiting = [
            asyncio.create_task(site.turns[Line.MODEL].run(lambda: goes_on.wait(60)))
            for _ in range(100)
        ]
        await asyncio.sleep(0)
        answer = await site.answer(
            Request({**path, "server": ("localhost", 80), "scheme": "http"}),
            lambda ask: (ask.snapshot.publication.encode(), HTML),
        )
        goes_on.set()
        assert all(await asyncio.gather(*waiting))
        return bytes(answer.body)

    with site.archive.read() as snapshot:
        publication = snapshot.publication
    assert asyncio.run(ask()) == publication.encode()
    site.close()
