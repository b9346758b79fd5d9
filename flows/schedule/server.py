"""A Prefect server of our own on this machine, where the user names none."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wirethread.articles.errors import WirethreadError

__all__ = ["find_port", "serve_prefect", "stop_server", "wait_for_server"]

HOST = "127.0.0.1"
PORTS_TRIED = 50
STARTUP_SECONDS = 180
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1
TEMPORARY = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}


@contextmanager
def serve_prefect(home: Path, port: int) -> Iterator[str]:
    """Run a server while the block runs, and yield the address of its page.

    Its database and page lie in `home`. The environment of this process names it from now on.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = find_port(port)
    page = f"http://{HOST}:{port}"
    os.environ.setdefault("PREFECT_HOME", str(home))
    os.environ.setdefault("PREFECT_UI_STATIC_DIRECTORY", str(home / "page"))
    os.environ["PREFECT_API_URL"] = f"{page}/api"
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", "wirethread.flows.schedule.server", str(port)],
            cwd=home,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the runs first; the server ends after them
        )
    try:
        wait_for_server(process, page, home / "server.log")
        yield page
    finally:
        stop_server(process)


def stop_server(process: "subprocess.Popen[bytes]") -> None:
    """End a server that was started here."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def find_port(first: int) -> int:
    """Return the first port from `first` on that nobody listens to."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise WirethreadError(
        f"no free port between {first} and {first + PORTS_TRIED - 1} for Prefect's page: set"
        " schedule.port"
    )


def wait_for_server(process: "subprocess.Popen[bytes]", page: str, log: Path) -> None:
    """Return once the server answers. Raises `WirethreadError` where it does not come up."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{page}/api/health", timeout=5) as answer,  # noqa: S310
        ):
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise WirethreadError(f"Prefect's server did not start; its log is {log}")


def become_server(port: int, *, is_temporary: bool) -> None:
    """Turn this process into the server; it ends when the one that started it is gone.

    A temporary one is what `prefect.server.api.server.SubprocessASGIServer` starts: without a page.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    address = ["--host", HOST, "--port", str(port)]
    if is_temporary:
        os.environ |= TEMPORARY
        command = ["uvicorn", "--factory", "prefect.server.api.server:create_app", *address]
        command += ["--log-level", "error", "--lifespan", "on"]
    else:
        command = ["prefect", "server", "start", *address]
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - no shell


if __name__ == "__main__":
    become_server(int(sys.argv[1]), is_temporary="temporary" in sys.argv[2:])
