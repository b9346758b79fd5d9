"""What the results of each step depend on: under another fingerprint its work is done again."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import xxhash

from wirethread.flows.settings.config import Settings

__all__ = [
    "describe_clusters",
    "describe_copy",
    "describe_duplicates",
    "describe_links",
    "describe_matching",
    "describe_outdated",
    "describe_threads",
    "fingerprint",
]


def fingerprint(*parts: Any) -> str:
    """Return 16 hexadecimal digits that stand for the values."""
    return xxhash.xxh3_64_hexdigest(json.dumps(parts, sort_keys=True, default=str).encode())


def describe_matching(settings: Settings) -> Sequence[Any]:
    """Return what scores of pairs depend on.

    Thresholds are left out: verdicts keep their scores, so moving one changes verdicts without
    matching again, and opens what hangs on them for the articles concerned.
    """
    matching = asdict(settings.matching)
    return [{name: matching[name] for name in matching if not name.startswith("min_score_")}]


def describe_copy(settings: Settings) -> Sequence[Any]:
    """Return what verdicts depend on, and passages and counts with them."""
    return [asdict(settings.matching)]


def describe_duplicates(settings: Settings) -> Sequence[Any]:
    """Return what duplicate clusters depend on."""
    return [asdict(settings.duplicates), settings.matching.window_days]


def describe_links(settings: Settings) -> Sequence[Any]:
    """Return what links depend on: how clusters and threads are cut from them is left out."""
    stories = asdict(settings.stories)
    cutting = ("threshold", "story_threshold", "granularity")
    scoring = {name: value for name, value in stories.items() if name not in cutting}
    return [scoring, asdict(settings.matching)]


def describe_clusters(settings: Settings) -> Sequence[Any]:
    """Return what story clusters depend on, beside links."""
    return [asdict(settings.stories)]


def describe_threads(settings: Settings) -> Sequence[Any]:
    """Return what threads depend on, beside clusters."""
    return [asdict(settings.stories), asdict(settings.threads)]


def describe_outdated(settings: Settings) -> Sequence[Any]:
    """Return what outdated copies depend on."""
    return [asdict(settings.matching), asdict(settings.outdated)]
