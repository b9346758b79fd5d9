"""`wirethread.open_async(folder)`: an open archive for programs that wait with `await`.

DuckDB and the model answer in threads, so each question is asked in a thread of the running loop's
own pool, and the loop goes on meanwhile. The questions are those of `OpenArchive`, named once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from wirethread.python.opened import DEFAULT_PAGE, OpenArchive

__all__ = ["AsyncArchive", "open_async"]

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class _Awaited(Generic[Asked, Answer]):
    """A question of `OpenArchive` as a method that is awaited."""

    def __init__(self, question: Callable[Concatenate[OpenArchive, Asked], Answer]) -> None:
        self._question = question
        self.__doc__ = question.__doc__

    @overload
    def __get__(self, asker: None, kind: type["AsyncArchive"]) -> Self: ...
    @overload
    def __get__(
        self, asker: "AsyncArchive", kind: type["AsyncArchive"]
    ) -> Callable[Asked, Awaitable[Answer]]: ...
    def __get__(
        self, asker: "AsyncArchive | None", kind: type["AsyncArchive"]
    ) -> "Self | Callable[Asked, Awaitable[Answer]]":
        if asker is None:
            return self
        archive = asker.archive

        async def ask(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            return await asyncio.to_thread(self._question, archive, *arguments, **named)

        return ask


class AsyncArchive:
    """What `OpenArchive` answers, awaited: `await archive.stories(agency="Reuters")`.

    An asynchronous context manager. Any number of questions may be under way at once; one that is
    cancelled is left to end by itself, since DuckDB is not asked to stop.
    """

    def __init__(self, archive: OpenArchive) -> None:
        self.archive = archive
        """The archive that is asked."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"wirethread.open_async({str(self.archive.folder)!r})"

    stories = _Awaited(OpenArchive.stories)
    clusters = _Awaited(OpenArchive.clusters)
    story = _Awaited(OpenArchive.story)
    article = _Awaited(OpenArchive.article)
    similar = _Awaited(OpenArchive.similar)
    explain = _Awaited(OpenArchive.explain)
    copies = _Awaited(OpenArchive.copies)
    wire = _Awaited(OpenArchive.wire)
    duplicates = _Awaited(OpenArchive.duplicates)
    outdated = _Awaited(OpenArchive.outdated)
    sources = _Awaited(OpenArchive.sources)
    sql = _Awaited(OpenArchive.sql)
    close = _Awaited(OpenArchive.close)


def open_async(
    folder: str | Path, *, config: str | Path | None = None, page: str = DEFAULT_PAGE
) -> AsyncArchive:
    """Open the published snapshot of a data folder for questions that are awaited.

    Arguments and errors are those of `wirethread.open`; use it with `async with`.
    """
    return AsyncArchive(OpenArchive(folder, config=config, page=page))
