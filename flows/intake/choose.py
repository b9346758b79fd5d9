"""What a run takes in: what it was asked for, or every source of the settings."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wirethread.articles.errors import ConfigError, SourceError
from wirethread.flows.settings.config import Settings
from wirethread.sources.remote import is_remote
from wirethread.sources.settings import SourceSettings
from wirethread.sources.web_address import is_web_address

__all__ = ["ChosenSources", "choose_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSources:
    """Sources of one run by the way they are read."""

    paths: tuple[str, ...] = ()
    """Files and folders that were asked for: read whole, however often."""
    watched: tuple[SourceSettings, ...] = ()
    """Files and folders of the settings: only what is new or changed is read."""
    web: tuple[SourceSettings, ...] = ()
    """Feeds and pages."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Of those the ones that are read from a file which lies there for this run only, and which."""
    is_asked: bool = False
    """Whether they were named, and are to be tried even where they failed before."""


def choose_sources(words: Sequence[str], settings: Settings) -> ChosenSources:
    """Sort what was asked for: names of sources, web addresses, `-`, paths and patterns.

    Without words every source of the settings is chosen; none need be there where others hand in
    to a shared archive. Raises `ConfigError` where there are
    none, or an address cannot be asked, and `SourceError` where nothing that was named is there.
    """
    by_name = {one.name: one for one in settings.sources}
    if not words and not by_name and not settings.storage.files:
        raise ConfigError(
            "there is nothing to take in: name files, folders or addresses, or list `sources:` in"
            " config.yaml"
        )
    chosen = [] if words else list(by_name.values())
    paths: list[str] = []
    for word in words:
        if word in by_name:
            chosen.append(by_name[word])
        elif is_web_address(word):
            chosen.append(open_address(word, settings.ingest.outlet))
        elif is_remote(word):
            paths.append(word)
        elif word != "-" and not Path(word).exists() and glob.has_magic(word):
            paths += sorted(glob.glob(word, recursive=True)) or [word]  # noqa: PTH207 - any pattern
        else:
            paths.append(word)
    here = [path for path in paths if path != "-" and not is_remote(path)]
    missing = [path for path in here if not Path(path).exists()]
    if missing and not chosen and len(missing) == len(paths):
        raise SourceError("; ".join(f"{path}: there is no such file or folder" for path in missing))
    return ChosenSources(
        paths=tuple(paths),
        watched=tuple(one for one in chosen if not one.is_on_the_network),
        web=tuple(one for one in chosen if one.is_on_the_network),
        is_asked=bool(words),
    )


def open_address(word: str, outlet: str | None) -> SourceSettings:
    """Return an address as a source named by it; `outlet` is that of articles that name none."""
    try:
        return SourceSettings(name=word, url=word, outlet=outlet)
    except ValueError as error:
        raise ConfigError(f"this address is not asked: {error}") from None
