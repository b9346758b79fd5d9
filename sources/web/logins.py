"""Names and passwords from ~/.netrc (or the file that NETRC names), never from an address."""

import base64
import netrc
import os
from collections.abc import Collection
from functools import cache
from pathlib import Path

from wirethread.sources.web.responses import RefusedError
from wirethread.sources.web_address import WebAddress

__all__ = ["find_login"]


def find_login(
    address: WebAddress, *, own_origins: Collection[str], came_by_https: bool = False
) -> str | None:
    """Return the `Authorization` header for an address whose host the file names.

    `machine HOST:PORT` is for that port. `machine HOST` is for https on its own port and for
    `own_origins`, those that the settings name: a link or redirect to another port, or from https
    to http (`came_by_https`), gets none. `default` is for nobody.

    Raises `RefusedError` where the file cannot be read; what stands in it is never repeated.
    """
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        stamp = file.stat().st_mtime_ns
    except OSError:
        return None
    is_bare = came_by_https and address.scheme == "http"
    is_own = address.origin in own_origins or (address.scheme, address.port) == ("https", 443)
    entries = _read_netrc(str(file), stamp)
    entry = entries.get(f"{address.host}:{address.port}")
    if entry is None and is_own:
        entry = entries.get(address.host)
    if entry is None or is_bare:
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
