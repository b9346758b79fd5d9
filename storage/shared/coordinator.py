"""One coordinator at a time: a lock in Postgres that dies with the connection of its holder.

A catalog in a file has a lock file beside it.
"""

import asyncio
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

from wirethread.articles.errors import RunInProgressError, StorageError
from wirethread.storage.engine.lock import hold_lock
from wirethread.storage.shared_address import SharedAddress, bound_server

__all__ = ["Coordinator", "hold_coordinator"]

_POLL_SECONDS = 0.2
_TIMEOUT_SECONDS = 10.0
_HOLDER = (
    "SELECT a.application_name, coalesce(host(a.client_addr), 'this machine') FROM pg_locks l"
    " JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted"
    " AND l.classid = ($1::bigint >> 32)::int4::oid AND l.objid = ($1::bigint & 4294967295)::oid"
)
_HELD: dict[str, "Coordinator"] = {}
"""By address: what this process holds, so that what a run calls does not wait for the run."""


class Coordinator:
    """The right to publish, as long as it is held."""

    def require(self) -> None:
        """Raise `StorageError` where the lock was lost, as by a server that was started again."""


class _PostgresCoordinator(Coordinator):
    def __init__(self, address: SharedAddress) -> None:
        self._address = address
        # a loop in a thread of its own: who calls may stand in a loop that runs already
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection: Any = None

    def acquire(self, deadline: float) -> None:
        key = _make_key(self._address)
        self._connection = self._do(_connect(self._address))
        while not self._do(self._connection.fetchval("SELECT pg_try_advisory_lock($1)", key)):
            if time.monotonic() >= deadline:
                holder = self._do(self._connection.fetchrow(_HOLDER, key))
                who = f"{holder[0]} on {holder[1]}" if holder else "another process"
                raise RunInProgressError(
                    f"{self._address.shown} has a coordinator already ({who}); one at a time"
                    " publishes there"
                )
            time.sleep(_POLL_SECONDS)

    def require(self) -> None:
        self._do(self._connection.fetchval("SELECT 1"))

    def release(self) -> None:
        if self._connection is not None:  # the server lets go of the lock with the session
            with suppress(StorageError):
                self._do(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        import asyncpg  # noqa: PLC0415 - only who publishes needs it

        try:
            limited = asyncio.wait_for(work, _TIMEOUT_SECONDS)
            return asyncio.run_coroutine_threadsafe(limited, self._loop).result()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            words = " ".join(str(error).split()) or "no answer"
            raise StorageError(f"{self._address.shown} cannot be reached: {words}") from error


async def _connect(address: SharedAddress) -> Any:
    import asyncpg  # noqa: PLC0415 - only who publishes needs it

    given: dict[str, Any] = dict(address.parameters)
    given["database"] = given.pop("dbname", None)
    if "port" in given:
        given["port"] = int(given["port"])
    name = f"wirethread {socket.gethostname()} process {os.getpid()}"
    connection = await asyncpg.connect(
        **given,
        timeout=float(address.bounds["connect_timeout"]) or None,
        server_settings={"application_name": name[:63]},
    )
    # a machine that is cut off loses the lock after this silence, and another one may publish
    for name, value in bound_server(address).items():
        await connection.execute(f"SET {name} = {int(value)}")
    return connection


def _make_key(address: SharedAddress) -> int:
    told = f"wirethread coordinator {address.schema}".encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:8], signed=True)


@contextmanager
def hold_coordinator(address: SharedAddress, *, wait_seconds: float = 0.0) -> Iterator[Coordinator]:
    """Hold the right to publish in a shared archive while the block runs.

    Within a block of the same process it is held already. Raises `RunInProgressError` once
    `wait_seconds` are over, `StorageError` where the archive cannot be reached.
    """
    name = f"{address.shown} {address.schema}"
    if name in _HELD:
        yield _HELD[name]
        return
    if address.path is not None:
        with hold_lock(
            address.path.with_name(address.path.name + ".lock"),
            lambda process: f"{address.shown} has a coordinator already (process {process})",
            wait_seconds=wait_seconds,
        ):
            yield from _hold(name, Coordinator())
        return
    try:
        import asyncpg  # noqa: F401, PLC0415 - only who publishes needs it
    except ModuleNotFoundError:
        raise StorageError(
            "a shared archive in Postgres needs asyncpg: install wirethread[shared]"
        ) from None
    held = _PostgresCoordinator(address)
    try:
        held.acquire(time.monotonic() + wait_seconds)
        yield from _hold(name, held)
    finally:
        held.release()


def _hold(name: str, held: Coordinator) -> Iterator[Coordinator]:
    _HELD[name] = held
    try:
        yield held
    finally:
        del _HELD[name]
