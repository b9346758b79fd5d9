"""Names and passwords from ~/.netrc (or the file that NETRC names), never from an address."""

import base64
import netrc
import os
from functools import cache
from pathlib import Path

from wirethread.sources.web.answers import RefusedError

__all__ = ["find_login"]


def find_login(host: str) -> str | None:
    """Return the `Authorization` header for a host that the file names; `default` is for nobody.

    Raises `RefusedError` where the file cannot be read; what stands in it is never repeated.
    """
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        stamp = file.stat().st_mtime_ns
    except OSError:
        return None
    entry = _read_netrc(str(file), stamp).get(host)
    if entry is None:
        return None
    words = base64.b64encode(f"{entry[0]}:{entry[2]}".encode()).decode("ascii")
    return f"Basic {words}"


@cache
def _read_netrc(file: str, stamp: int) -> dict[str, tuple[str, str, str]]:
    del stamp  # part of the key only: a changed file is read again
    try:
        found = netrc.netrc(file).hosts
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{file} cannot be read") from error
    except netrc.NetrcParseError as error:
        raise RefusedError(f"{file} is no netrc file (line {error.lineno})") from None
    return {host: login for host, login in found.items() if host != "default"}
