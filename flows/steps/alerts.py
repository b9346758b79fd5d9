"""Alerts: what the user asked to be told is written down, then sent, and tried again until it is.

An alert is a row in the catalog before it leaves. A run that is killed in between, or a receiver
that does not answer, means that the next run sends it again under the same id: at least once, and
a receiver that keeps the ids sees it once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any

import xxhash

from wirethread.articles.credits.agencies import name_agency
from wirethread.flows.settings.sections import AlertSettings
from wirethread.flows.steps.delivery import DeliveryError, Destination, deliver
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.alerts import (
    Alert,
    FoundCopy,
    FoundOutdated,
    FoundStory,
    FoundUncredited,
)

__all__ = ["send_alerts"]

ALERTS_PER_RUN = 200
MAX_FAILURES = 3
"""After so many failures in one run a receiver is left alone until the next."""


def send_alerts(catalog: Catalog, run_id: str, settings: AlertSettings) -> Mapping[str, int]:
    """Find what is to be told, and send it with what earlier runs could not. Never fails a run.

    Returns how many were found, sent and left for the next run.
    """
    found = find_alerts(catalog, run_id, settings)
    n_found = catalog.alerts.add_alerts(run_id, found)
    deadline = monotonic() + settings.seconds_per_run
    destination = Destination(
        webhook=settings.webhook,
        headers=settings.headers,
        command=settings.command,
        timeout_seconds=settings.timeout_seconds,
        apprise=settings.apprise,
    )
    failures = dict.fromkeys(settings.channels, 0)
    n_sent = n_unsent = 0
    for alert in catalog.alerts.list_unsent(settings.channels, ALERTS_PER_RUN):
        if failures[alert.channel] >= MAX_FAILURES or monotonic() > deadline:
            n_unsent += 1
            continue
        try:
            deliver(alert.channel, alert.payload, destination)
        except DeliveryError as error:
            failures[alert.channel] += 1
            n_unsent += 1
            catalog.alerts.mark_failed(alert, str(error))
        else:
            n_sent += 1
            catalog.alerts.mark_sent(alert)
    return {"n_found_alerts": n_found, "n_sent_alerts": n_sent, "n_unsent_alerts": n_unsent}


def find_alerts(catalog: Catalog, run_id: str, settings: AlertSettings) -> list[Alert]:
    """Return what each rule finds, once for each channel."""
    found: list[Alert] = []
    if settings.story_articles is not None:
        rule = f"story_articles {settings.story_articles}"
        for story in catalog.alerts.find_grown_stories(
            run_id, rule, min_articles=settings.story_articles
        ):
            found += write_story_alerts(story, rule, run_id, settings.channels)
    if settings.story_independent_sources is not None:
        rule = f"story_independent_sources {settings.story_independent_sources}"
        for story in catalog.alerts.find_grown_stories(
            run_id, rule, min_sources=settings.story_independent_sources
        ):
            found += write_story_alerts(story, rule, run_id, settings.channels)
    if settings.credited_passage:
        rule = "credited_passage"
        agencies = [name_agency(name) for name in settings.agencies]
        for copy in catalog.alerts.find_credited_copy(run_id, rule, agencies):
            found += write_copy_alerts(copy, rule, run_id, settings.channels)
    if settings.outdated_outlets:
        for outdated in catalog.alerts.find_outdated_in(run_id, settings.outdated_outlets):
            found += write_outdated_alerts(outdated, run_id, settings.channels)
    if settings.uncredited_from:
        for taken in catalog.alerts.find_uncredited_copy(run_id, settings.uncredited_from):
            found += write_uncredited_alerts(taken, run_id, settings.channels)
    return found


def write_outdated_alerts(
    outdated: FoundOutdated, run_id: str, channels: Sequence[str]
) -> list[Alert]:
    """Return the alerts about an article that still runs what an agency changed, by the change."""
    text = (
        f"{outdated.outlet} still runs words of {outdated.agency} ({outdated.kind}): "
        f"“{outdated.headline}”: “{outdated.old_words}”"
    )
    rule = f"outdated_outlets {outdated.new_article_id}"
    content = {"text": text, "outdated": asdict(outdated)}
    return write_alerts(rule, outdated.article_id, channels, run_id, content)


def write_uncredited_alerts(
    taken: FoundUncredited, run_id: str, channels: Sequence[str]
) -> list[Alert]:
    """Return the alerts about an article that runs an outlet's copy without crediting it."""
    text = (
        f"{taken.to_outlet} runs {taken.n_words} words of {taken.from_outlet} without credit: "
        f"“{taken.to_headline}” ({taken.relation}), first in “{taken.from_headline}”"
    )
    rule = f"uncredited_from {taken.from_outlet}"
    content = {"text": text, "copy": asdict(taken)}
    return write_alerts(rule, taken.to_article_id, channels, run_id, content)


def write_story_alerts(
    story: FoundStory, rule: str, run_id: str, channels: Sequence[str]
) -> list[Alert]:
    """Return the alerts about a story that passed a size."""
    text = (
        f"{story.title}: {story.n_articles} articles in {story.n_outlets} outlets, "
        f"{story.n_independent_sources} independent sources"
    )
    return write_alerts(
        rule, story.cluster_id, channels, run_id, {"text": text, "story": asdict(story)}
    )


def write_copy_alerts(
    copy: FoundCopy, rule: str, run_id: str, channels: Sequence[str]
) -> list[Alert]:
    """Return the alerts about copy with an agency."""
    text = (
        f"{copy.agency} copy in {copy.n_outlets} outlets: “{copy.headline or copy.words}” "
        f"({copy.n_passages} passages)"
    )
    return write_alerts(
        rule, copy.subject_id, channels, run_id, {"text": text, "copy": asdict(copy)}
    )


def write_alerts(
    rule: str, subject_id: str, channels: Sequence[str], run_id: str, content: Mapping[str, Any]
) -> list[Alert]:
    """Return one alert a channel; its id follows from the rule and what it is about."""
    alert_id = "n" + xxhash.xxh3_64_hexdigest(f"{rule}\0{subject_id}".encode())
    payload = json.dumps(
        {"id": alert_id, "rule": rule, **content, "run_id": run_id},
        ensure_ascii=False,
        default=lambda moment: moment.isoformat(),
    )
    return [
        Alert(alert_id=alert_id, channel=channel, rule=rule, subject_id=subject_id, payload=payload)
        for channel in channels
    ]
