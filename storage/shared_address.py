"""Addresses of shared archives: `ducklake:postgres:dbname=news host=db user=wire`, `ducklake:FILE`.

A password in an address is never shown; the ways of Postgres to give one (`PGPASSWORD`, `.pgpass`)
work everywhere.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from wirethread.articles.errors import ConfigError

__all__ = [
    "SharedAddress",
    "bound_server",
    "is_bucket",
    "is_shared",
    "parse_address",
    "refuse_shared",
]

_PREFIX = "ducklake:"
_POSTGRES = "postgres:"
_URL = re.compile(r"(?:postgres|postgresql):/+(?P<rest>[^/].*)", re.DOTALL)
_BOUNDS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""What Postgres' own library waits for, in seconds, the last in milliseconds: without them a cable
that was cut is waited for without end."""
_NAMES = ("host", "port", "user", "password", "dbname", "schema", *_BOUNDS)
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_DEFAULT_SCHEMA = "wirethread"


_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.\.?/)[A-Za-z0-9._=-]+)*/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAddress:
    """Where the catalog of a shared archive is."""

    shown: str
    """The address without a password, for messages."""
    path: Path | None = None
    """File of the catalog; None where it is in Postgres."""
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the connection to Postgres: `host`, `port`, `user`, `password`, `dbname`."""
    bounds: Mapping[str, str] = field(default_factory=lambda: dict(_BOUNDS))
    """How long it may take to connect, and a connection may be silent, in Postgres' own words."""
    schema: str = _DEFAULT_SCHEMA
    """Schema of Postgres in which DuckLake keeps its tables."""

    @property
    def has_password(self) -> bool:
        """Whether the address itself holds a password."""
        return "password" in self.parameters


def bound_server(address: SharedAddress) -> dict[str, str]:
    """Return after what silence Postgres lets go of a client, by the server's own names."""
    return {
        f"tcp_{name.removeprefix('tcp_')}": value
        for name, value in address.bounds.items()
        if name not in {"connect_timeout", "keepalives"}
    }


def is_shared(place: str | Path) -> bool:
    """Whether a place is a shared archive and no folder."""
    return str(place).startswith(_PREFIX)


def is_bucket(place: str | Path) -> bool:
    """Whether a place of files is a bucket or a part of one: `s3://bucket/prefix`.

    It is of signs that mean nothing else, to a file system or in a pattern.
    """
    return bool(_BUCKET.fullmatch(str(place)))


def refuse_shared(place: str | Path) -> None:
    """Raise `ConfigError` where a shared archive is named as the place of something that writes."""
    if is_shared(place):
        raise ConfigError(
            "a shared archive is only read: do this on the machine that publishes there, in its"
            " data folder (`storage.catalog` in its settings)"
        )


def parse_address(place: str | Path) -> SharedAddress:
    """Return what an address says. Raises `ConfigError`, which never repeats the address."""
    text = str(place).removeprefix(_PREFIX)
    if not is_shared(place) or not text:
        raise ConfigError("a shared archive is ducklake:postgres:... or ducklake:FILE")
    if text.startswith(("sqlite:", "mysql:")):
        raise ConfigError("the catalog of a shared archive is in Postgres or in a file of DuckDB")
    # a path makes one slash of two, so that `postgresql:/host` is an address as well
    if not text.startswith(_POSTGRES) and not _URL.fullmatch(text):
        path = Path(text).expanduser().absolute()
        return SharedAddress(shown=f"{_PREFIX}{path}", path=path)
    rest = text.removeprefix(_POSTGRES)
    found = _URL.fullmatch(rest) or (_URL.fullmatch(text) if rest.startswith("/") else None)
    given = _read_url(found["rest"]) if found else _read_words(rest)
    unknown = sorted(given.keys() - set(_NAMES))
    if unknown:
        raise ConfigError(
            f"the address of a shared archive knows {', '.join(_NAMES)}, not {unknown[0]!r}; what"
            " else Postgres needs goes into its variables, as PGSSLMODE"
        )
    schema = given.pop("schema", _DEFAULT_SCHEMA)
    if not _SCHEMA.fullmatch(schema):
        raise ConfigError("the schema of a shared archive is a word of a-z, 0-9 and _")
    for name in ("port", *_BOUNDS):
        if not given.get(name, "0").isdecimal():
            raise ConfigError(f"{name.replace('port', 'the port')} of a shared archive is a number")
    shown = " ".join(
        f"{name}={given[name]}" for name in _NAMES if name in given.keys() - {"password"}
    )
    bounds = {name: given.pop(name, usual) for name, usual in _BOUNDS.items()}
    return SharedAddress(
        shown=f"{_PREFIX}{_POSTGRES}{shown}", parameters=given, bounds=bounds, schema=schema
    )


def _read_words(text: str) -> dict[str, str]:
    """Return `dbname=news host=db` as names and values."""
    try:
        pieces = [word.partition("=") for word in shlex.split(text)]
    except ValueError:
        raise ConfigError("the address of the shared archive has a quote that never ends") from None
    if not pieces or not all(sign and value for _, sign, value in pieces):
        raise ConfigError(
            "the address of a shared archive in Postgres is words like dbname=news host=db"
        )
    return {name: value for name, _, value in pieces}


def _read_url(text: str) -> dict[str, str]:
    """Return what stands behind `postgresql://` as names and values."""
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        raise ConfigError("the address of the shared archive cannot be read as one") from None
    given = {
        "host": parts.hostname or "",
        "port": "" if port is None else str(port),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.strip("/")),
        **dict(parse_qsl(parts.query)),
    }
    return {name: value for name, value in given.items() if value}
