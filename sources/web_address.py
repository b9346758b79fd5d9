"""Web addresses from settings, feeds and redirects: only http and https, and no passwords."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

__all__ = ["WebAddress", "is_web_address", "join_address", "parse_web_address", "strip_login"]

_PORTS = {"http": 80, "https": 443}
_MAX_LENGTH = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """An address that may be asked for, without its fragment."""

    url: str
    scheme: str
    host: str
    """Lower case, without brackets."""
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt speaks for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def is_web_address(words: str) -> bool:
    """Tell whether something looks like an http or https address."""
    return words.lower().startswith(("http://", "https://"))


def parse_web_address(url: str) -> WebAddress:
    """Return the parts of an address.

    Raises:
        ValueError: where it is no http or https address with a host, or where it holds a name and
            password; the message never repeats those.
    """
    words = url.strip()
    try:
        parts = urlsplit(words)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise ValueError("it is no web address") from None
    if parts.scheme.lower() not in _PORTS:
        scheme = f"{parts.scheme}: is" if parts.scheme else "without http:// or https:// it is"
        raise ValueError(f"{scheme} no web address; http and https are")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            f"an address must hold no name and password; put those of {host} into ~/.netrc"
        )
    if not host or any(c.isspace() or not c.isprintable() for c in words):
        raise ValueError("it is no web address: it has no host or holds blanks")
    if len(words) > _MAX_LENGTH:
        raise ValueError(f"an address of {len(words):,} characters is not fetched")
    if port == 0:
        raise ValueError("port 0 cannot be asked")
    scheme = parts.scheme.lower()
    whole = urlunsplit((scheme, parts.netloc, parts.path or "/", parts.query, ""))
    return WebAddress(url=whole, scheme=scheme, host=host.lower(), port=port or _PORTS[scheme])


def strip_login(url: str) -> str:
    """Return an address without a name and password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def join_address(base: str, reference: str) -> WebAddress:
    """Return where a redirect or a link of `base` leads; a login in it is dropped.

    Raises `ValueError` where that is no http or https address.
    """
    return parse_web_address(strip_login(urljoin(base, reference.strip())))
