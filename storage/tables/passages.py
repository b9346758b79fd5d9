"""Verdicts on pairs of spans, passages, derivations and duplicates."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import pyarrow as pa

from wirethread.articles.types.articles import (
    ArticleId,
    DuplicateCluster,
    PassageId,
    PassageMatch,
    Relation,
)
from wirethread.articles.types.copy import ArticleDerivation, Passage, PassagePlace
from wirethread.storage.engine.bulk import build_objects, build_table, ids_table, now_utc, sync_rows
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables.copy_rows import (
    DERIVATION,
    OWN_PARAGRAPH,
    PARAGRAPH_SOURCE,
    PASSAGE,
    PLACE,
    SHARE,
    tabulate_derivations,
    tabulate_passages,
)

__all__ = [
    "find_articles_sharing_copy",
    "load_duplicates",
    "load_passages",
    "load_verdicts",
    "record_departures",
    "replace_duplicates",
    "replace_passages",
    "replace_verdicts",
    "update_verdicts",
]

_VERDICT = {
    "left_article_id": pa.string(),
    "right_article_id": pa.string(),
    "left_begin": pa.int32(),
    "left_end": pa.int32(),
    "right_begin": pa.int32(),
    "right_end": pa.int32(),
    "relation": pa.string(),
    "score": pa.float64(),
    "similarity": pa.float64(),
    "containment_left": pa.float64(),
    "containment_right": pa.float64(),
    "is_match": pa.bool_(),
    "reason": pa.string(),
    "anchor_id": pa.string(),
}
_VERDICT_KEYS = list(_VERDICT)[:6]
_DUPLICATE = {
    "cluster_id": pa.string(),
    "representative_id": pa.string(),
    "origin_id": pa.string(),
    "chosen_by": pa.string(),
}
_DUPLICATE_ARTICLE = {
    "cluster_id": pa.string(),
    "article_id": pa.string(),
    "score": pa.float64(),
    "reason": pa.string(),
}

_SUPERSEDED = "(SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL)"
_BETWEEN_CURRENT = f"left_article_id NOT IN {_SUPERSEDED} AND right_article_id NOT IN {_SUPERSEDED}"
_IN_SCOPE = "t.article_id IN (SELECT id FROM scope_ids)"


def replace_verdicts(
    database: Database, run_id: str, verdicts: Sequence[PassageMatch], matched_ids: Iterable[str]
) -> int:
    """Make the verdicts that touch `matched_ids` equal to `verdicts`.

    Returns rows touched: 0 where everything stood already.
    """
    matched = set(matched_ids)
    with database.registered(
        new_verdicts=build_table(verdicts, _VERDICT), scope_ids=ids_table(matched)
    ):
        return sync_rows(
            database,
            "store.passage_verdicts",
            "new_verdicts",
            list(_VERDICT),
            keys=_VERDICT_KEYS,
            scope="t.left_article_id IN (SELECT id FROM scope_ids)"
            " OR t.right_article_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
            since=find_oldest(database, matched | name_sides(verdicts)),
        )


def name_sides(verdicts: Iterable[PassageMatch]) -> set[str]:
    """Return the articles that verdicts are about."""
    return {
        side for verdict in verdicts for side in (verdict.left_article_id, verdict.right_article_id)
    }


def update_verdicts(database: Database, run_id: str, verdicts: Sequence[PassageMatch]) -> int:
    """Overwrite the verdicts with the same two spans where they differ; return rows touched."""
    return replace_verdicts(database, run_id, verdicts, ())


def load_verdicts(
    database: Database,
    article_ids: Iterable[str] | None = None,
    *,
    matches_only: bool = True,
    with_superseded: bool = False,
) -> list[PassageMatch]:
    """Return verdicts with at least one article in `article_ids` (all for None), in order.

    Those on articles that a later version replaced are left out, unless they are asked for.
    """
    conditions = ["is_match"] if matches_only else []
    if not with_superseded:
        conditions.append(_BETWEEN_CURRENT)
    asked = set(article_ids or ())
    if article_ids is not None:
        conditions.append(
            f"written >= {find_oldest(database, asked)}"
            " AND (left_article_id IN (SELECT id FROM asked)"
            " OR right_article_id IN (SELECT id FROM asked))"
        )
    where = " AND ".join(conditions) or "true"
    columns = ", ".join(_VERDICT)
    with database.registered(asked=ids_table(asked)):
        table = database.fetch_table(
            f"SELECT {columns} FROM store.passage_verdicts WHERE {where} ORDER BY {columns}"
        )
    index = table.column_names.index("similarity")
    similarity = table.column("similarity").fill_null(float("nan"))
    table = table.set_column(index, "similarity", similarity)
    return build_objects(table, PassageMatch, {"relation": Relation})


def find_articles_sharing_copy(
    database: Database, article_ids: Iterable[str], *, with_quotations: bool = True
) -> list[ArticleId]:
    """Return `article_ids` and every article that accepted matches connect to them, near and far.

    Matches of articles that a later version replaced connect nothing.
    """
    found = set(article_ids)
    frontier = found
    condition = f"is_match AND {_BETWEEN_CURRENT}"
    if not with_quotations:
        condition += " AND relation <> 'quotation'"
    while frontier:
        with database.registered(frontier=ids_table(frontier)):
            rows = database.fetch_rows(
                f"SELECT right_article_id FROM store.passage_verdicts WHERE {condition}"
                " AND written >= $1 AND left_article_id IN (SELECT id FROM frontier)"
                f" UNION SELECT left_article_id FROM store.passage_verdicts WHERE {condition}"
                " AND written >= $1 AND right_article_id IN (SELECT id FROM frontier)",
                [find_oldest(database, frontier)],
            )
        frontier = {row[0] for row in rows} - found
        found = found | frontier
    return [ArticleId(found_id) for found_id in sorted(found)]


def replace_passages(
    database: Database,
    run_id: str,
    passages: Sequence[Passage],
    derivations: Sequence[ArticleDerivation],
    *,
    article_ids: Iterable[str],
) -> int:
    """Make passages and derivations of `article_ids` equal to those given.

    A passage leaves with all its places, so `article_ids` must be closed under
    `find_articles_sharing_copy`. A moved origin or agency becomes a row of `passage_events`, a
    moved answer on an article one of `derivation_events`.
    """
    scope = list(article_ids)
    return _replace_passages(database, run_id, passages, scope) + _replace_derivations(
        database, run_id, derivations, passages, scope
    )


def _replace_passages(
    database: Database,
    run_id: str,
    passages: Sequence[Passage],
    article_ids: Iterable[str],
) -> int:
    """Make the passages with a place in `article_ids` equal to `passages`; return rows touched.

    A passage leaves with all its places, so `article_ids` must hold every article of the passages
    concerned (`find_articles_sharing_copy`). A change of origin or agency becomes an event.
    """
    with database.registered(
        **tabulate_passages(passages),
        scope_ids=ids_table(article_ids),
    ):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE scope_passages AS"
            " SELECT DISTINCT t.passage_id AS id FROM store.passage_places t"
            f" WHERE {_IN_SCOPE}"
        )
        n_touched = _record_origin_moves(database, run_id)
        scope = "t.passage_id IN (SELECT id FROM scope_passages)"
        stamps = {"run_id": run_id}
        n_touched += sync_rows(
            database,
            "store.passages",
            "new_passages",
            list(PASSAGE),
            keys=["passage_id"],
            scope=scope,
            stamps=stamps,
        )
        n_touched += sync_rows(
            database,
            "store.passage_places",
            "new_places",
            list(PLACE),
            keys=["passage_id", "article_id", "begin", "end"],
            scope=f"{scope} OR t.passage_id IN (SELECT passage_id FROM new_passages)",
            stamps=stamps,
        )
        database.execute("DROP TABLE scope_passages")
    return n_touched


def _record_origin_moves(database: Database, run_id: str) -> int:
    return database.execute(
        "INSERT INTO store.passage_events (event, passage_id, old_passage_id, old_origin_id,"
        " new_origin_id, old_agency, new_agency, reason, recorded_at, run_id)"
        " SELECT (SELECT coalesce(max(event), 0) FROM store.passage_events)"
        "  + row_number() OVER (ORDER BY m.new_id, m.old_id), m.new_id, m.old_id,"
        "  o.origin_article_id, n.origin_article_id, o.agency, n.agency, n.reason, ?, ?"
        " FROM (SELECT DISTINCT b.passage_id AS new_id, a.passage_id AS old_id"
        "  FROM store.passage_places a JOIN new_places b ON a.article_id = b.article_id"
        '  AND a."begin" < b."end" AND b."begin" < a."end"'
        "  WHERE a.passage_id IN (SELECT id FROM scope_passages)) m"
        " JOIN store.passages o ON o.passage_id = m.old_id"
        " JOIN new_passages n ON n.passage_id = m.new_id"
        " WHERE o.origin_article_id IS DISTINCT FROM n.origin_article_id"
        " OR o.agency IS DISTINCT FROM n.agency",
        [now_utc(), run_id],
    )


def record_departures(database: Database, run_id: str, departures: Mapping[PassageId, str]) -> int:
    """Record as events, by id and reason, the passages that turned out to be none."""
    departed = pa.table(
        {
            "id": pa.array(list(departures), pa.string()),
            "reason": pa.array(list(departures.values()), pa.string()),
        }
    )
    with database.registered(departed=departed):
        return database.execute(
            "INSERT INTO store.passage_events (event, passage_id, old_passage_id, old_origin_id,"
            " new_origin_id, old_agency, new_agency, reason, recorded_at, run_id)"
            " SELECT (SELECT coalesce(max(event), 0) FROM store.passage_events)"
            "  + row_number() OVER (ORDER BY d.id), d.id, d.id, p.origin_article_id, NULL,"
            "  p.agency, NULL, d.reason, ?, ?"
            " FROM departed d JOIN store.passages p ON p.passage_id = d.id",
            [now_utc(), run_id],
        )


def _replace_derivations(
    database: Database,
    run_id: str,
    derivations: Sequence[ArticleDerivation],
    passages: Sequence[Passage],
    article_ids: Iterable[str],
) -> int:
    """Make what is told of the origin of `article_ids` equal to `derivations`.

    That are derivation, shares of agencies, sources of paragraphs and own paragraphs; `passages`
    are those that the derivations name. An answer on an article that moves becomes an event.
    """
    scope = {*article_ids, *(derivation.article_id for derivation in derivations)}
    since = find_oldest(database, scope)
    with database.registered(
        **tabulate_derivations(derivations, passages),
        scope_ids=ids_table(scope),
    ):
        n_touched = _record_derivation_moves(database, run_id)
        for table, new_rows, columns, keys in (
            ("article_derivation", "new_derivations", DERIVATION, ["article_id"]),
            ("article_agency_shares", "new_shares", SHARE, ["article_id", "agency"]),
            (
                "paragraph_sources",
                "new_sources",
                PARAGRAPH_SOURCE,
                ["paragraph_id", "passage_id", "agency"],
            ),
            ("own_paragraphs", "new_own", OWN_PARAGRAPH, ["paragraph_id"]),
        ):
            n_touched += sync_rows(
                database,
                f"store.{table}",
                new_rows,
                list(columns),
                keys=keys,
                scope=_IN_SCOPE,
                stamps={"run_id": run_id},
                since=since,
            )
    return n_touched


def _record_derivation_moves(database: Database, run_id: str) -> int:
    return database.execute(
        "INSERT INTO store.derivation_events (event, article_id, old_derivation, new_derivation,"
        " old_share, new_share, reason, recorded_at, run_id)"
        " SELECT (SELECT coalesce(max(event), 0) FROM store.derivation_events)"
        "  + row_number() OVER (ORDER BY n.article_id), n.article_id, o.derivation, n.derivation,"
        "  o.share, n.share, n.reason, ?, ?"
        " FROM new_derivations n JOIN store.article_derivation o USING (article_id)"
        " WHERE o.derivation <> n.derivation OR o.share <> n.share",
        [now_utc(), run_id],
    )


def replace_duplicates(
    database: Database,
    run_id: str,
    clusters: Sequence[DuplicateCluster],
    *,
    article_ids: Iterable[str],
) -> int:
    """Make the duplicate clusters that touch `article_ids` equal to `clusters`.

    A cluster leaves with all its articles.
    """
    rows = [
        (cluster.cluster_id, *told)
        for cluster in clusters
        for told in zip_longest(cluster.article_ids, cluster.scores, cluster.reasons)
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(_DUPLICATE_ARTICLE)
    members = pa.table(
        {
            name: pa.array(values, type=kind)
            for (name, kind), values in zip(_DUPLICATE_ARTICLE.items(), columns, strict=True)
        }
    )
    stamps = {"run_id": run_id}
    with database.registered(
        new_duplicates=build_table(clusters, _DUPLICATE),
        new_members=members,
        scope_ids=ids_table([*article_ids, *members.column("article_id").to_pylist()]),
    ):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE scope_clusters AS SELECT DISTINCT t.cluster_id AS id"
            f" FROM store.duplicate_cluster_articles t WHERE {_IN_SCOPE}"
        )
        scope = (
            "t.cluster_id IN (SELECT id FROM scope_clusters)"
            " OR t.cluster_id IN (SELECT cluster_id FROM new_duplicates)"
        )
        n_touched = sync_rows(
            database,
            "store.duplicate_clusters",
            "new_duplicates",
            list(_DUPLICATE),
            keys=["cluster_id"],
            scope=scope,
            stamps=stamps,
        )
        n_touched += sync_rows(
            database,
            "store.duplicate_cluster_articles",
            "new_members",
            list(_DUPLICATE_ARTICLE),
            keys=["cluster_id", "article_id"],
            scope=scope,
            stamps=stamps,
        )
        database.execute("DROP TABLE scope_clusters")
    return n_touched


def load_duplicates(
    database: Database, article_ids: Iterable[str] | None = None
) -> list[DuplicateCluster]:
    """Return the duplicate clusters that touch `article_ids` (all for None), by id."""
    condition = (
        "true"
        if article_ids is None
        else "cluster_id IN (SELECT cluster_id FROM store.duplicate_cluster_articles"
        " WHERE article_id IN (SELECT id FROM asked))"
    )
    with database.registered(asked=ids_table(article_ids or ())):
        table = database.fetch_table(
            "SELECT cluster_id, representative_id, origin_id, chosen_by,"
            " list(article_id ORDER BY article_id) AS article_ids,"
            " list(score ORDER BY article_id) AS scores,"
            " list(reason ORDER BY article_id) AS reasons"
            " FROM store.duplicate_clusters"
            " JOIN store.duplicate_cluster_articles USING (cluster_id)"
            f" WHERE {condition} GROUP BY ALL ORDER BY cluster_id"
        )
    return build_objects(table, DuplicateCluster)


_TOUCHING_ASKED = (
    "passage_id IN (SELECT passage_id FROM store.passage_places"
    " WHERE article_id IN (SELECT id FROM asked))"
)


def load_passages(database: Database, article_ids: Iterable[str]) -> list[Passage]:
    """Return each passage that has a place in one of the articles, with all its places."""
    with database.registered(asked=ids_table(article_ids)):
        passages = database.fetch_table(
            "SELECT passage_id, origin_article_id, agency, confidence, evidence,"
            f" evidence_article_id, reason FROM store.passages WHERE {_TOUCHING_ASKED}"
            " ORDER BY passage_id"
        )
        rows = database.fetch_table(
            'SELECT passage_id, article_id, "begin", "end", "position", relation'
            f" FROM store.passage_places WHERE {_TOUCHING_ASKED}"
            ' ORDER BY passage_id, article_id, "begin"'
        )
    places: dict[str, list[PassagePlace]] = {}
    found = build_objects(rows.drop_columns(["passage_id"]), PassagePlace, {"relation": Relation})
    for passage_id, place in zip(rows.column("passage_id").to_pylist(), found, strict=True):
        places.setdefault(passage_id, []).append(place)

    def build(**columns: Any) -> Passage:
        return Passage(**columns, places=tuple(places.get(columns["passage_id"], ())))

    return build_objects(passages, build)
