"""What is worth an alert, and which alerts were sent.

A story or passage counts where this run changed it, or one that never finished did: whatever a
killed run left untold is told by the next one, and an old archive is not told all at once. Rows of
`alerts` hang on a story cluster or passage, and their payload quotes headlines: whoever removes
articles removes the rows whose `subject_id` is gone or has changed.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from wirethread.storage.engine.bulk import as_utc, build_objects, build_table, ids_table, now_utc
from wirethread.storage.engine.database import Database
from wirethread.storage.tables.near_copies import fetch_copies_of

__all__ = [
    "Alert",
    "FoundCopy",
    "FoundOutdated",
    "FoundStory",
    "FoundUncredited",
    "add_alerts",
    "find_credited_copy",
    "find_grown_stories",
    "find_outdated_in",
    "find_uncredited_copy",
    "list_unsent",
    "mark_failed",
    "mark_sent",
]

ARTICLES_SHOWN = 10

_RECENT = "run_id = $run_id OR run_id IN (SELECT run_id FROM store.runs WHERE state <> 'finished')"
_ARTICLE = (
    "struct_pack(article_id := a.article_id, outlet := a.outlet, headline := a.headline,"
    " url := a.url, published_at := strftime(a.published_at, '%Y-%m-%dT%H:%M:%SZ'))"
)
_ALERT = {
    "alert_id": pa.string(),
    "channel": pa.string(),
    "rule": pa.string(),
    "subject_id": pa.string(),
    "payload": pa.string(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """A story cluster that passed a size. `articles` are its first ones, at most ten."""

    cluster_id: str
    title: str
    thread_id: str | None
    n_articles: int
    n_outlets: int
    n_independent_sources: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    articles: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCopy:
    """Passages of one origin with an agency. `words` are the longest, cut off at 400 characters."""

    subject_id: str
    """The article they come from; the passage itself where that is unknown."""
    agency: str
    headline: str | None
    """Of the article they come from."""
    confidence: float
    evidence: str | None
    reason: str
    n_passages: int
    n_articles: int
    n_outlets: int
    words: str
    articles: Sequence[dict[str, Any]]
    """Where they ran, at most ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOutdated:
    """An article that runs words which an agency changed or withdrew."""

    article_id: str
    outlet: str
    headline: str
    url: str | None
    agency: str
    kind: str
    old_words: str
    new_words: str
    new_article_id: str
    notice_words: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUncredited:
    """An article that runs copy of another outlet and does not say so."""

    to_article_id: str
    to_outlet: str
    to_headline: str
    to_url: str | None
    from_article_id: str
    from_outlet: str
    from_headline: str
    from_url: str | None
    n_words: int
    relation: str
    passage_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert to be sent over one channel. `payload` is JSON."""

    alert_id: str
    channel: str
    rule: str
    subject_id: str
    payload: str


def find_grown_stories(
    database: Database, run_id: str, rule: str, *, min_articles: int = 0, min_sources: int = 0
) -> list[FoundStory]:
    """Return the stories of these sizes that were not told under `rule`, the largest first.

    A story that took in one which was told is known already.
    """
    table = database.fetch_table(
        "WITH RECURSIVE told AS (SELECT subject_id AS id FROM store.alerts WHERE rule = $rule"
        "  UNION SELECT r.new_id FROM told JOIN store.story_redirects r ON r.old_id = told.id),"
        " recent AS (SELECT cluster_id FROM store.story_clusters"
        f"  WHERE n_articles >= $min_articles AND ({_RECENT})"
        f"  UNION SELECT cluster_id FROM store.story_sources WHERE ({_RECENT})),"
        " chosen AS (SELECT c.* FROM store.story_clusters c WHERE c.n_articles >= $min_articles"
        "  AND c.cluster_id IN (SELECT cluster_id FROM recent)"
        "  AND c.cluster_id NOT IN (SELECT id FROM told)),"
        " counted AS (SELECT cluster_id, count(*) FILTER (WHERE counted) AS n_sources"
        "  FROM store.story_sources WHERE cluster_id IN (SELECT cluster_id FROM chosen)"
        "  GROUP BY cluster_id),"
        " members AS (SELECT cluster_id,"
        f"  list({_ARTICLE} ORDER BY a.published_at NULLS LAST, a.article_id)[1:{ARTICLES_SHOWN}]"
        "   AS articles FROM store.story_cluster_articles m JOIN store.articles a"
        "  USING (article_id) WHERE cluster_id IN (SELECT cluster_id FROM chosen)"
        "  GROUP BY cluster_id)"
        " SELECT c.cluster_id, c.title, t.thread_id, c.n_articles, c.n_outlets,"
        "  coalesce(n.n_sources, 0) AS n_independent_sources, c.first_seen_at, c.last_seen_at,"
        "  m.articles FROM chosen c JOIN members m USING (cluster_id)"
        " LEFT JOIN counted n USING (cluster_id)"
        " LEFT JOIN store.story_thread_clusters t USING (cluster_id)"
        " WHERE coalesce(n.n_sources, 0) >= $min_sources"
        " ORDER BY c.n_articles DESC, c.cluster_id",
        {
            "rule": rule,
            "run_id": run_id,
            "min_articles": min_articles,
            "min_sources": min_sources,
        },
    )
    return build_objects(table, FoundStory, {"first_seen_at": as_utc, "last_seen_at": as_utc})


def find_credited_copy(
    database: Database, run_id: str, rule: str, agencies: Sequence[str]
) -> list[FoundCopy]:
    """Return copy of the agencies (of all, for none) not told under `rule`, the widest first.

    Copy is told once for the article it comes from, also after another article took that place.
    """
    with database.registered(asked=ids_table(agencies)):
        table = database.fetch_table(
            "WITH RECURSIVE told AS (SELECT subject_id AS id FROM store.alerts"
            "  WHERE rule = $rule UNION SELECT e.new_origin_id FROM told"
            "  JOIN store.passage_events e ON e.old_origin_id = told.id"
            "  WHERE e.new_origin_id IS NOT NULL),"
            " chosen AS (SELECT *, coalesce(origin_article_id, passage_id) AS subject_id"
            "  FROM store.passages WHERE agency IS NOT NULL"
            "  AND ($n_asked = 0 OR agency IN (SELECT id FROM asked))"
            f"  AND ({_RECENT})"
            "  AND coalesce(origin_article_id, passage_id) NOT IN (SELECT id FROM told)),"
            " subjects AS (SELECT subject_id, agency, count(*) AS n_passages,"
            "  max(confidence) AS confidence,"
            "  arg_min(evidence, (-confidence, passage_id)) AS evidence,"
            "  arg_min(reason, (-confidence, passage_id)) AS reason,"
            "  any_value(origin_article_id) AS origin_id FROM chosen GROUP BY subject_id, agency),"
            " ran AS (SELECT c.subject_id, c.agency,"
            "  count(DISTINCT a.article_id) AS n_articles,"
            "  count(DISTINCT a.outlet) AS n_outlets,"
            '  arg_max(substring(a."text", l.begin + 1, least(l."end" - l.begin, 400)),'
            '   (l."end" - l.begin, l.article_id, l.begin)) AS words,'
            f"  list_sort(list(DISTINCT {_ARTICLE}))[1:{ARTICLES_SHOWN}] AS articles"
            "  FROM chosen c JOIN store.passage_places l USING (passage_id)"
            "  JOIN store.articles a USING (article_id) GROUP BY c.subject_id, c.agency)"
            " SELECT s.subject_id, s.agency, o.headline, s.confidence, s.evidence, s.reason,"
            "  s.n_passages, r.n_articles, r.n_outlets, r.words, r.articles"
            " FROM subjects s JOIN ran r USING (subject_id, agency)"
            " LEFT JOIN store.articles o ON o.article_id = s.origin_id"
            " ORDER BY r.n_outlets DESC, s.subject_id, s.agency",
            {"rule": rule, "run_id": run_id, "n_asked": len(agencies)},
        )
    return build_objects(table, FoundCopy)


def find_outdated_in(
    database: Database, run_id: str, outlets: Sequence[str]
) -> list[FoundOutdated]:
    """Return articles of these outlets that run what was changed, one for each change."""
    with database.registered(asked=ids_table([outlet.lower() for outlet in outlets])):
        table = database.fetch_table(
            "SELECT article_id, outlet, headline, url, agency, kind, old_words,"
            "  coalesce(new_words, '') AS new_words, new_article_id,"
            "  coalesce(notice_words, '') AS notice_words, reason"
            f" FROM main.outdated_copies WHERE ({_RECENT})"
            "  AND lower(outlet) IN (SELECT id FROM asked)"
            " QUALIFY row_number() OVER (PARTITION BY article_id, new_article_id"
            "  ORDER BY length(old_words) DESC, begin, old_article_id, old_begin) = 1"
            " ORDER BY article_id, new_article_id",
            {"run_id": run_id},
        )
    return build_objects(table, FoundOutdated)


def find_uncredited_copy(
    database: Database, run_id: str, outlets: Sequence[str]
) -> list[FoundUncredited]:
    """Return articles that run copy of these outlets without credit, where either is new.

    Only where it is known who had the words first, and neither may have them from a third.
    """
    recent = database.fetch_rows(
        f"SELECT article_id FROM store.articles WHERE {_RECENT}", {"run_id": run_id}
    )
    if not recent:
        return []
    asked = ids_table([one.lower() for one in outlets])
    near = fetch_copies_of(database, [row[0] for row in recent])
    with database.registered(asked=asked, near_copies=near):
        table = database.fetch_table(
            "SELECT c.to_article_id, c.to_outlet, t.headline AS to_headline, t.url AS to_url,"
            "  c.from_article_id, c.from_outlet, f.headline AS from_headline, f.url AS from_url,"
            "  c.n_words::BIGINT AS n_words, c.relation, c.passage_id"
            " FROM near_copies c JOIN store.articles t ON t.article_id = c.to_article_id"
            " JOIN store.articles f ON f.article_id = c.from_article_id"
            " WHERE c.is_directed AND NOT c.is_credited AND NOT c.has_common_source"
            "  AND lower(c.from_outlet) IN (SELECT id FROM asked)"
            " QUALIFY row_number() OVER (PARTITION BY c.to_article_id, c.from_outlet"
            "  ORDER BY c.n_words DESC, c.from_article_id) = 1"
            " ORDER BY c.to_article_id, c.from_outlet"
        )
    return build_objects(table, FoundUncredited)


def add_alerts(database: Database, run_id: str, alerts: Sequence[Alert]) -> int:
    """Write down alerts that are to be sent; those known already are left. Return how many."""
    with (
        database.transaction(),
        database.registered(new_alerts=build_table(alerts, _ALERT)),
    ):
        return database.execute(
            "INSERT INTO store.alerts (alert_id, channel, rule, subject_id, payload,"
            "  found_at, sent_at, n_attempts, last_error, run_id)"
            " SELECT n.alert_id, n.channel, n.rule, n.subject_id, n.payload, ?, NULL, 0, NULL, ?"
            " FROM new_alerts n WHERE NOT EXISTS (SELECT 1 FROM store.alerts t"
            "  WHERE t.alert_id = n.alert_id AND t.channel = n.channel)",
            [now_utc(), run_id],
        )


def list_unsent(database: Database, channels: Sequence[str], limit: int) -> list[Alert]:
    """Return up to `limit` alerts that were not delivered yet over these channels, oldest first."""
    with database.registered(asked=ids_table(channels)):
        table = database.fetch_table(
            f"SELECT {', '.join(_ALERT)} FROM store.alerts WHERE sent_at IS NULL"
            " AND channel IN (SELECT id FROM asked) ORDER BY found_at, alert_id, channel"
            " LIMIT ?",
            [limit],
        )
    return build_objects(table, Alert)


def mark_sent(database: Database, alert: Alert) -> None:
    """Record that an alert was delivered."""
    _update(database, alert, "sent_at = ?, last_error = NULL", now_utc())


def mark_failed(database: Database, alert: Alert, error: str) -> None:
    """Record why an alert could not be delivered; it stays to be sent."""
    _update(database, alert, "last_error = ?", error)


def _update(database: Database, alert: Alert, change: str, value: Any) -> None:
    with database.transaction():
        database.execute(
            f"UPDATE store.alerts SET n_attempts = n_attempts + 1, {change}"
            " WHERE alert_id = ? AND channel = ?",
            [value, alert.alert_id, alert.channel],
        )
