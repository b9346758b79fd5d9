"""Servers of a test's own, here or on a machine at the end of a cable: Postgres, and one like S3."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.storage.shared.cables import Machine

__all__ = [
    "PASSWORD",
    "Postgres",
    "find_binaries",
    "open_bucket_server",
    "open_postgres",
    "wait_for",
]

PASSWORD = "tidewater"
ACCOUNT = "postgres"
_WAIT_SECONDS = 60


def find_binaries() -> Path | None:
    """Return the folder of Postgres' programs, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    plain = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(plain).parent if plain else None


@dataclass(slots=True, kw_only=True)
class Postgres:
    """A server on a machine, which can be killed and started again."""

    folder: Path
    binaries: Path
    machine: Machine
    process: subprocess.Popen[bytes] | None = None

    @property
    def words(self) -> str:
        """The words that an address of an archive in it begins with."""
        return f"ducklake:postgres:host={self.machine.address} user=wire dbname=postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        drop = ("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.machine.within(
                    *drop,
                    self.binaries / "postgres",
                    *("-D", self.folder / "data"),
                    *("-c", f"listen_addresses={self.machine.address}"),
                    *("-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off"),
                ),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        asked = [self.binaries / "pg_isready", "-q", "-t", "2", "-h", self.folder]
        return subprocess.run(asked, check=False).returncode == 0

    def kill(self) -> None:
        """Kill it and all its processes, without a word to anybody."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            wait_for(lambda: not self.is_ready())


@contextmanager
def open_postgres(machine: Machine) -> Iterator[Postgres]:
    """Yield a server on another machine. Raises `LookupError` where there is no Postgres."""
    binaries = find_binaries()
    if binaries is None:
        raise LookupError("there is no Postgres (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="wt-pg-", dir="/tmp"))
    try:
        shutil.chown(folder, ACCOUNT)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [
                *(binaries / "initdb", "-D", folder / "data", "-U", "wire", "-A", "scram-sha-256"),
                *("--pwfile", secret, "--no-sync"),
            ],
            user=ACCOUNT,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
        server = Postgres(folder=folder, binaries=binaries, machine=machine)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_bucket_server(machine: Machine, port: int = 5000) -> Iterator[str]:
    """Yield the address of a server on another machine that speaks as S3 does."""
    process = subprocess.Popen(
        machine.within(
            *(sys.executable, "-m", "moto.server", "-H", machine.address, "-p", str(port))
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: answers(machine.address, port))
        yield f"http://{machine.address}:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=2):
        return True
    return False


def wait_for(is_so: object) -> None:
    """Wait until something is so. Raises `TimeoutError`."""
    assert callable(is_so)
    deadline = time.monotonic() + _WAIT_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{is_so} was waited for in vain")
        time.sleep(0.1)
