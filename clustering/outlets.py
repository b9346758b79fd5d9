"""Which outlets belong to one publisher, by their names."""

import re

__all__ = ["name_publisher"]

_SECTION = re.compile(r"\s+[-–—|]\s+.*$|\s*\(.*\)\s*$")
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|el|il)\s+")
_DOMAIN = re.compile(
    r"^(?:https?://)?(?:www\d?\.|m\.|edition\.|amp\.)?([^/\s]+\.[a-z]{2,})(?:/.*)?$"
)
_ENDING = re.compile(r"(?:\.(?:co|com|org|net))?\.[a-z]{2,}$")
_EDITION = re.compile(r"\s+(?:online|online news|news|opinion|editorial|international|us|uk)$")


def name_publisher(outlet: str) -> str:
    """A key under which the editions and sections of one publisher fall together.

    `New York Times - News` and `The New York Times (Opinion)` give one key, and so do `cnn.com` and
    `edition.cnn.com`. It goes by names alone: owners of several titles are not known.
    """
    name = outlet.strip().casefold()
    domain = _DOMAIN.match(name)
    if domain:
        return _ENDING.sub("", domain.group(1)).rsplit(".", 1)[-1]
    name = _SECTION.sub("", name) or name
    name = _ARTICLE.sub("", name)
    name = _EDITION.sub("", name) or name
    return " ".join(name.split())
