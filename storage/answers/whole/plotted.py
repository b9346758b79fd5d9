"""The tables behind the plots: one question in SQL each, over the documented views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa

from wirethread.articles.errors import NotFoundError
from wirethread.storage.answers.asked_names import require_names
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.types import ThreadDetail
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings, list_rows

__all__ = ["PlotKind", "PlotTable", "load_table"]

MOST_NAMES = 40
"""Outlets of a plot that has a line or cell for each: those with most."""


class PlotKind(StrEnum):
    """What can be plotted."""

    TIMELINE = "timeline"
    COPYING = "copying"
    SPREAD = "spread"
    AGENCIES = "agencies"
    WIRE_SHARE = "wire-share"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotTable:
    """What a plot shows; times are UTC, shares are of the characters of the body, 0 to 1."""

    kind: PlotKind
    title: str
    rows: Sequence[Mapping[str, Any]]
    """`timeline`: `published_at`, `outlet`, `headline`, `wire_share`, `derivation`, `article_id`;
    `copying`: `from_outlet`, `to_outlet`, `n_passages`, `n_articles`; `spread`: `published_at`,
    `outlet`, `n_places` (so far), `relation`, `headline`, `article_id`; `agencies`: `outlet`,
    `agency`, `n_with_wire`, `n_whole_articles` (its copy, as so many whole articles), `wire_share`;
    `wire-share`: `week`, `outlet`, `n_articles`, `wire_share`."""

    @property
    def columns(self) -> pa.Schema:
        """The columns and their types, which a table without rows has too."""
        return _COLUMNS[self.kind]


_TIME, _WORDS, _SHARE, _COUNT = pa.timestamp("us"), pa.string(), pa.float64(), pa.int64()
_COLUMNS = {
    PlotKind.TIMELINE: pa.schema(
        {
            "published_at": _TIME,
            "outlet": _WORDS,
            "headline": _WORDS,
            "wire_share": _SHARE,
            "derivation": _WORDS,
            "article_id": _WORDS,
        }
    ),
    PlotKind.COPYING: pa.schema(
        {"from_outlet": _WORDS, "to_outlet": _WORDS, "n_passages": _COUNT, "n_articles": _COUNT}
    ),
    PlotKind.SPREAD: pa.schema(
        {
            "published_at": _TIME,
            "outlet": _WORDS,
            "n_places": _COUNT,
            "relation": _WORDS,
            "headline": _WORDS,
            "article_id": _WORDS,
        }
    ),
    PlotKind.AGENCIES: pa.schema(
        {
            "outlet": _WORDS,
            "agency": _WORDS,
            "n_with_wire": _COUNT,
            "n_whole_articles": _SHARE,
            "wire_share": _SHARE,
        }
    ),
    PlotKind.WIRE_SHARE: pa.schema(
        {"week": pa.date32(), "outlet": _WORDS, "n_articles": _COUNT, "wire_share": _SHARE}
    ),
}
_TIMELINE = """
SELECT a.published_at, a.outlet, a.headline, coalesce(d.share, 0) AS wire_share,
    coalesce(d.derivation, 'unknown') AS derivation, a.article_id
FROM story_cluster_articles m JOIN articles a USING (article_id)
LEFT JOIN article_derivation d USING (article_id)
WHERE m.cluster_id IN (SELECT unnest($clusters)) AND a.is_current AND a.published_at IS NOT NULL
ORDER BY a.published_at, a.article_id
"""
_COPYING = """
WITH taken AS (
    SELECT origin.outlet AS from_outlet, taker.outlet AS to_outlet, p.article_id
    FROM passages s JOIN passage_places p USING (passage_id)
    JOIN articles origin ON origin.article_id = s.origin_article_id
    JOIN articles taker ON taker.article_id = p.article_id
    WHERE taker.outlet <> origin.outlet AND ($since IS NULL OR taker.published_at >= $since)
        AND ($outlet IS NULL OR lower($outlet) IN (lower(origin.outlet), lower(taker.outlet)))),
counted AS (
    SELECT from_outlet, to_outlet, count(*) AS n_passages, count(DISTINCT article_id) AS n_articles
    FROM taken GROUP BY ALL)
SELECT * FROM counted
WHERE to_outlet IN (SELECT to_outlet FROM counted GROUP BY ALL
    ORDER BY sum(n_passages) DESC, to_outlet LIMIT $most)
ORDER BY n_passages DESC, from_outlet, to_outlet
"""
_SPREAD = """
SELECT a.published_at, a.outlet, row_number() OVER (ORDER BY a.published_at, a.article_id)
    AS n_places, coalesce(p.relation, 'origin') AS relation, a.headline, a.article_id
FROM passage_places p JOIN articles a USING (article_id)
WHERE p.passage_id = $passage AND a.published_at IS NOT NULL
ORDER BY a.published_at, a.article_id
"""
_PASSAGE = "SELECT 1 FROM passages WHERE passage_id = $passage"
_AGENCIES = """
WITH current AS (
    SELECT article_id, outlet FROM articles
    WHERE is_current AND ($since IS NULL OR published_at >= $since)
        AND ($outlet IS NULL OR lower(outlet) = lower($outlet))),
sizes AS (SELECT outlet, count(*) AS n_all FROM current GROUP BY outlet),
taken AS (
    SELECT outlet, s.agency, count(*) AS n_with_wire, sum(s.share) AS n_whole_articles
    FROM article_agency_shares s JOIN current USING (article_id)
    WHERE article_id NOT IN (SELECT article_id FROM wire_credits WHERE rule = 'outlet')
    GROUP BY ALL)
SELECT outlet, agency, n_with_wire, round(n_whole_articles, 2) AS n_whole_articles,
    round(n_whole_articles / n_all, 4) AS wire_share
FROM taken JOIN sizes USING (outlet)
WHERE outlet IN (SELECT outlet FROM taken GROUP BY ALL ORDER BY sum(n_whole_articles) DESC, outlet
    LIMIT $most)
ORDER BY outlet, n_with_wire DESC, agency
"""
_WIRE_SHARE = """
SELECT date_trunc('week', a.published_at)::DATE AS week, a.outlet, count(*) AS n_articles,
    round(avg(d.share), 4) AS wire_share
FROM articles a JOIN article_derivation d USING (article_id)
WHERE a.is_current AND a.published_at IS NOT NULL AND ($since IS NULL OR a.published_at >= $since)
    AND ($outlet IS NULL OR lower(a.outlet) = lower($outlet))
    AND a.outlet IN (SELECT outlet FROM articles GROUP BY ALL ORDER BY count(*) DESC, outlet
        LIMIT $most)
GROUP BY ALL ORDER BY week, a.outlet
"""


def load_table(
    catalog: Catalog,
    kind: PlotKind,
    subject: str | None = None,
    *,
    since: datetime | None = None,
    outlet: str | None = None,
) -> PlotTable:
    """Return what a plot shows; `subject` is the story of a timeline, the passage of a spread.

    `since` is naive, in UTC. Raises `NotFoundError` for a subject or outlet that is not there.
    """
    if kind is PlotKind.TIMELINE:
        found = get_story(catalog, subject or "")
        clusters = (
            [one.cluster_id for one in found.clusters]
            if isinstance(found, ThreadDetail)
            else [found.summary.cluster_id]
        )
        rows = ask(catalog, _TIMELINE, {"clusters": list(map(str, clusters))})
        return PlotTable(kind=kind, title=found.summary.title, rows=rows)
    if kind is PlotKind.SPREAD:
        given: dict[str, Any] = {"passage": subject or ""}
        rows = ask(catalog, _SPREAD, given)
        if not rows and not ask(catalog, _PASSAGE, given):
            raise NotFoundError(f"no passage has the id {subject}")
        return PlotTable(kind=kind, title=f"Where passage {subject} ran", rows=rows)
    require_names(catalog, outlet=outlet)
    given = {"since": since, "outlet": outlet, "most": MOST_NAMES}
    if kind is PlotKind.COPYING:
        title = "Whose copy each outlet runs, by passages"
        return PlotTable(kind=kind, title=title, rows=ask(catalog, _COPYING, given))
    if kind is PlotKind.AGENCIES:
        title = "Which agencies each outlet's copy comes from"
        return PlotTable(kind=kind, title=title, rows=ask(catalog, _AGENCIES, given))
    rows = ask(catalog, _WIRE_SHARE, given)
    return PlotTable(kind=kind, title="Share of wire copy by week", rows=rows)


def ask(catalog: Catalog, query: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a question."""
    return list_rows(catalog.execute_read_only(query, given, settings=SqlSettings()))
