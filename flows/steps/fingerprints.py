"""Fingerprints of what a step depends on: under another one its work is to be done again."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import xxhash

from wirethread.flows.settings.config import Settings

__all__ = ["StepVersions", "name_versions"]


MATCH_RULES = 2
"""Which articles are compared and how verdicts are reached, beside the settings."""
LINK_RULES = 2
"""How links are scored, and clusters and threads cut from them."""
COPY_RULES = 3
"""How passages, derivations and independent sources are told from the verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVersions:
    """One fingerprint per step."""

    match: str
    join: str
    duplicates: str
    link: str
    cluster: str
    thread: str
    count: str
    outdated: str


def name_versions(settings: Settings, model_id: str) -> StepVersions:
    """Return the fingerprints of all steps under these settings and this model.

    Thresholds of matching are left out: verdicts keep their scores, so moving one changes verdicts
    without matching again, and opens what hangs on them for the articles concerned.
    """
    matching = {
        name: value
        for name, value in asdict(settings.matching).items()
        if not name.startswith("min_score_")
    }
    thresholds = asdict(settings.matching)
    stories = asdict(settings.stories)
    cutting = ("threshold", "story_threshold", "granularity")
    scoring = {name: value for name, value in stories.items() if name not in cutting}
    return StepVersions(
        match=fingerprint(matching, model_id, MATCH_RULES),
        join=fingerprint(thresholds, model_id, MATCH_RULES, COPY_RULES),
        duplicates=fingerprint(asdict(settings.duplicates), settings.matching.window_days),
        link=fingerprint(scoring, thresholds, model_id, MATCH_RULES, LINK_RULES),
        cluster=fingerprint(stories, model_id, MATCH_RULES, LINK_RULES),
        thread=fingerprint(stories, asdict(settings.threads), model_id, MATCH_RULES, LINK_RULES),
        count=fingerprint(thresholds, model_id, MATCH_RULES, COPY_RULES),
        outdated=fingerprint(thresholds, asdict(settings.outdated), model_id, MATCH_RULES),
    )


def fingerprint(*parts: Any) -> str:
    """Return 16 hexadecimal digits that stand for the values."""
    return xxhash.xxh3_64_hexdigest(json.dumps(parts, sort_keys=True, default=str).encode())
