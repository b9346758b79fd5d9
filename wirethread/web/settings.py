"""How the pages are served: what is allowed, who may ask, and how much at once."""

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wirethread.articles.errors import ConfigError
from wirethread.storage.shared_address import is_shared, parse_address, refuse_shared

__all__ = ["WebSettings", "is_loopback"]

_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Options of `wirethread serve`."""

    folder: Path
    """Data folder of the archive, or a shared archive, which is only read."""
    config: Path | None = None
    """Settings file of the runs: which model searches, how corrections are applied."""
    host: str = "127.0.0.1"
    """Address to listen at."""
    port: int = 8517
    """Port to listen at, 0 for any free one."""
    allowed_hosts: Sequence[str] = ("localhost", "127.0.0.1", "[::1]")
    """Names under which the page may be called; requests under other names are refused."""
    root_path: str = ""
    """Path under which a proxy shows the page, such as `/wire`; empty for the root of its host."""
    allow_corrections: bool = False
    """Whether people may correct, save queries, and try rejected articles again."""
    token: str | None = None
    """Secret that whoever asks must show; required off loopback unless `proxy` is named."""
    proxy: str | None = None
    """Address of the proxy that alone may connect and that says who asks; None for none."""
    user_header: str = "X-Remote-User"
    """Header in which the named proxy says who asks."""
    max_body_bytes: int = 1 << 20
    """Largest body of a request, in bytes."""
    max_rows: int = 1_000
    """Rows of a list or query shown at most at once."""
    query_seconds: float = 5.0
    """Longest time a query in SQL may take, in seconds; a whole table may take ten times that."""
    pages_at_once: int = max(4, 2 * (os.cpu_count() or 1))
    """Pages that are made at once; more wait in line: at once all of them would come late."""
    model_questions: int = 2
    """Searches at once, and comparisons, and questions in SQL: more of each wait in line."""
    wait_seconds: float = 30.0
    """How long a question waits for its turn before it is refused, in seconds."""
    cache_bytes: int = 64 << 20
    """Memory for pages that were made already, in bytes."""

    def __post_init__(self) -> None:
        if self.allow_corrections:
            refuse_shared(self.folder)
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port must be between 0 and 65535, not {self.port}")
        if self.root_path and not _ROOT_PATH.fullmatch(self.root_path):
            raise ConfigError(f"the root path must be like /wire, not {self.root_path!r}")
        if self.token is not None and len(self.token) < 16:
            raise ConfigError("the token must have 16 characters or more")
        if not is_loopback(self.host) and self.token is None and self.proxy is None:
            raise ConfigError(
                f"{self.host} can be reached from other machines: give a token"
                " (--token-file) or name the proxy in front (--proxy), see docs/page.md"
            )
        n_at_once = min(self.model_questions, self.pages_at_once)
        if self.max_rows < 1 or self.query_seconds <= 0 or n_at_once < 1:
            raise ConfigError("rows, seconds and questions must be above 0")

    @property
    def is_shared(self) -> bool:
        """Whether a shared archive is shown, where nobody can correct."""
        return is_shared(self.folder)

    @property
    def shown(self) -> str:
        """The archive as messages name it, without a password."""
        return parse_address(self.folder).shown if self.is_shared else str(self.folder)


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
