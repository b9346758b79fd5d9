"""Links between story clusters that lie near the decision: which pairs of articles tell most."""

from typing import Any

from wirethread.storage.catalog import Catalog

__all__ = ["list_borders"]

_BORDERS = """
WITH pairs AS (
    SELECT left_id, right_id, score,
        least(l.cluster_id, r.cluster_id) AS one, greatest(l.cluster_id, r.cluster_id) AS other
    FROM links
    JOIN story_cluster_articles l ON l.article_id = left_id
    JOIN story_cluster_articles r ON r.article_id = right_id
), borders AS (
    SELECT left_id, right_id, score, one, other,
        abs(score - $threshold) AS link_margin,
        sum(score - $unlinked) OVER (PARTITION BY one, other) AS surplus
    FROM pairs
    QUALIFY row_number() OVER (
        PARTITION BY one, other ORDER BY abs(score - $threshold), left_id, right_id
    ) = 1
), margins AS (
    SELECT borders.*,
        CASE WHEN one <> other
        THEN abs($unlinked + surplus / (a.n_articles * b.n_articles) - $threshold) END AS margin
    FROM borders
    JOIN story_clusters a ON a.cluster_id = one
    JOIN story_clusters b ON b.cluster_id = other
)
SELECT left_id, right_id, score, one, other,
    date_trunc('week', x.published_at) AS week,
    least(
        rank() OVER (ORDER BY link_margin),
        rank() OVER (ORDER BY margin NULLS LAST)
    ) AS place
FROM margins JOIN articles x ON x.article_id = left_id
ORDER BY place, link_margin, left_id, right_id
LIMIT $limit
"""


def list_borders(
    catalog: Catalog, *, threshold: float, unlinked_score: float, limit: int
) -> list[dict[str, Any]]:
    """Return for each pair of clusters, or one with itself, the link nearest to the threshold.

    The clusters are `one` and `other`, the articles `left_id` and `right_id`. Those come first of
    which the link is near the threshold, or the average score between the clusters, where pairs
    without a link count `unlinked_score`.
    """
    given = {"threshold": threshold, "unlinked": unlinked_score, "limit": limit}
    rows: list[dict[str, Any]] = catalog.execute_read_only(_BORDERS, given).to_pylist()
    return rows
