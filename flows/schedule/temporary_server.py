"""A Prefect server for one process, begun before Prefect is imported.

Where the user names no server, Prefect starts one itself, but only once it is imported; the server
takes twice as long to import as the program. Begun first, both import side by side.
"""

import atexit
import contextlib
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from wirethread.flows.schedule.server import HOST, find_port, stop_server, wait_for_server

__all__ = ["begin_temporary_server"]

_PORTS = range(8000, 8900)
_MARKS = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "PREFECT_SERVER_")
"""Variables that begin like this say which server is meant, or how it is to be."""
_OWN_DEFAULTS = frozenset(
    {"PREFECT_SERVER_ANALYTICS_ENABLED", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"}
)
_FILES = {".env": "prefect_", "prefect.toml": "", "pyproject.toml": "[tool.prefect"}
"""Files of the working folder that Prefect reads settings from, and what stands in them then."""


def begin_temporary_server() -> Callable[[], None]:
    """Begin to start a server and return what waits until it answers.

    The environment names it from now on, and it ends with this process. Nothing is done where
    Prefect is imported already or is told of a server in a way that only Prefect reads.
    """
    if "prefect" in sys.modules or _may_name_a_server():
        return lambda: None
    port = find_port(random.choice(_PORTS))  # noqa: S311 - only to be out of each other's way
    log = Path(tempfile.mkdtemp(prefix="wirethread-prefect-"), "server.log")
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", "wirethread.flows.schedule.server", str(port), "temporary"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    page = f"http://{HOST}:{port}"
    os.environ["PREFECT_API_URL"] = f"{page}/api"

    def end() -> None:
        stop_server(process)
        log.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            log.parent.rmdir()

    atexit.register(end)
    return lambda: wait_for_server(process, page, log)


def _may_name_a_server() -> bool:
    """Whether Prefect may be told of a server: by a variable, a profile or a file of settings."""
    names = {one.upper() for one in os.environ} - _OWN_DEFAULTS
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    return (
        any(name.startswith(_MARKS) for name in names)
        or (home / "profiles.toml").exists()
        or any(_holds(Path(name), words) for name, words in _FILES.items())
    )


def _holds(file: Path, words: str) -> bool:
    try:
        return words in file.read_text(encoding="utf-8", errors="replace").lower()
    except OSError:
        return False
