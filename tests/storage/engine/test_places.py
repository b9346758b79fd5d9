"""What a day asks for is found among the newest rows, however many older ones there are."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.storage.making import RUN, make_article, make_link, make_match, make_vectors
from wirethread.articles.types.articles import ArticleId, ClusterId, StoryCluster
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine import places
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables import segments as segment_tables
from wirethread.storage.tables import stories as story_tables
from wirethread.storage.tables.surroundings import find_body_texts, find_headlines
from wirethread.storage.vectors.segments import VectorSegments

N_OLD = 500_000
ROW_GROUP = 122_880
"""Rows of which DuckDB keeps the least and the greatest: it reads a whole group or nothing of it."""
MODEL = "m@1"


@contextmanager
def counting_rows(database: Database) -> Iterator[Callable[[], int]]:
    """Count the rows of our tables that queries read inside."""
    plain = Database.fetch_rows, Database.fetch_table
    n_read = 0

    def explain(sql: str, parameters: Any) -> None:
        nonlocal n_read
        answer = plain[0](database, f"EXPLAIN (ANALYZE, FORMAT json) {sql}", parameters)
        waiting = [json.loads(answer[0][1])]
        while waiting:
            node = waiting.pop()
            waiting += node["children"]
            if "store." in node.get("extra_info", {}).get("Table", ""):
                n_read += node["operator_rows_scanned"]

    def fetch_rows(self: Database, sql: str, parameters: Any = ()) -> Any:
        explain(sql, parameters)
        return plain[0](self, sql, parameters)

    def fetch_table(self: Database, sql: str, parameters: Any = ()) -> Any:
        explain(sql, parameters)
        return plain[1](self, sql, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "fetch_rows", fetch_rows)
        patch.setattr(Database, "fetch_table", fetch_table)
        yield lambda: n_read


def fill_with_old_rows(database: Database) -> None:
    """Write half a million old rows into each table that grows with the archive."""
    database.execute(
        "INSERT INTO store.articles (article_id, source, outlet, headline, text,"
        " published_precision, opening, opening_hash, read_at, run_id, written)"
        " SELECT 'old' || i, 's', 'o', 'h', 't', 'unknown', 'o', i, now(), 'r', i"
        " FROM range($1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.paragraphs SELECT 'p' || i, 'old' || i, 0, 'body', 't', 0, 1, i, 9, i"
        " FROM range($1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.links SELECT 'old' || i, 'old' || (i + 1), .5, 0, 0, 0, 0, 0, 0, 'r', i, 0, NULL, 1"
        " FROM range($1 - 1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.passage_verdicts SELECT 'old' || i, 'old' || (i + 1), 0, 1, 0, 1,"
        " 'verbatim', 1, 1, 1, 1, true, 'w', 'r', i, NULL FROM range($1 - 1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.story_clusters SELECT 's' || i, 't', NULL, NULL, 1, 1, 'r'"
        " FROM range($1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.story_cluster_articles SELECT 's' || i, 'old' || i, 'r', i"
        " FROM range($1) t(i)",
        [N_OLD],
    )
    database.execute(
        "INSERT INTO store.vector_rows SELECT 'old', $2, -1 - i FROM range($1) t(i)",
        [N_OLD, MODEL],
    )
    database.execute("UPDATE store.counters SET value = $1 WHERE name = 'content_version'", [N_OLD])


def add_day(catalog: Catalog) -> list[ArticleId]:
    """Store two articles with all that a run says of them."""
    catalog.articles.add_articles(
        RUN, [make_article("a1"), make_article("b2", ["Another long text of it."])]
    )
    ids = [ArticleId("a1"), ArticleId("b2")]
    catalog.stories.replace_links(RUN, [make_link("a1", "b2")], ids)
    catalog.copy.replace_verdicts(RUN, [make_match("a1", "b2")], ids)
    story = StoryCluster(cluster_id=ClusterId("new"), title="t", article_ids=ids)
    catalog.stories.replace_clusters(RUN, [story], [])
    batch = catalog.vectors.select_texts_to_embed(MODEL, 100)
    vectors = VectorSegments(catalog.folder, catalog, model_id=MODEL, dimension=8)
    vectors.add(batch.hashes, make_vectors(len(batch), 8))
    return ids


@pytest.mark.heavy
def test_what_is_known_of_new_articles_is_found_without_reading_the_old(catalog: Catalog) -> None:
    fill_with_old_rows(catalog._database)
    catalog._database.execute("CHECKPOINT")
    catalog.vectors.mark_embedded(MODEL, [], RUN)
    catalog._database.execute("DELETE FROM store.step_pending")  # the old ones have vectors
    ids = [ArticleId(one) for one in add_day(catalog)]
    vectors = VectorSegments(catalog.folder, catalog, model_id=MODEL, dimension=8)
    asked: dict[str, Callable[[], Any]] = {
        "articles": lambda: [one.article.article_id for one in catalog.articles.load_articles(ids)],
        "headlines": lambda: sorted(find_headlines(catalog._database, ids)),
        "links": lambda: [(one.left_id, one.right_id) for one in catalog.stories.load_links(ids)],
        "verdicts": lambda: [one.left_article_id for one in catalog.copy.load_verdicts(ids)],
        "copy": lambda: catalog.copy.find_articles_sharing_copy(ids),
        "homes": lambda: catalog.stories.find_clusters_of_articles(ids),
        "clusters": lambda: [one.article_ids for one in catalog.stories.load_clusters(["new"])],
        "vectors": lambda: len(vectors.locate(find_body_texts(catalog._database, ids))[0]),
    }
    found = {}
    for name, ask in asked.items():
        with counting_rows(catalog._database) as count:
            found[name] = ask()
        assert count() <= 4 * ROW_GROUP + N_OLD * (name in {"verdicts", "copy"}), name
    assert found["articles"] == found["headlines"] == found["copy"] == ids
    assert found["links"] == [("a1", "b2")]
    assert found["verdicts"] == ["a1"]
    assert found["homes"] == dict.fromkeys(ids, "new")
    assert found["clusters"] == [ids]
    assert found["vectors"] == 3


def test_the_place_of_an_unknown_article_is_before_all(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    catalog.articles.add_articles(RUN, [make_article("b2")])
    first, second = (find_oldest(catalog._database, [one]) for one in ("a1", "b2"))
    assert 0 <= first < second
    assert find_oldest(catalog._database, ["b2", "a1"]) == first
    assert find_oldest(catalog._database, ["b2", "nobody"]) == 0


def test_a_place_is_forgotten_with_the_transaction_that_gave_it(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    with pytest.raises(RuntimeError), catalog._database.transaction():
        catalog.articles.add_articles(RUN, [make_article("b2")])
        assert find_oldest(catalog._database, ["b2"]) > 0
        raise RuntimeError
    assert find_oldest(catalog._database, ["b2"]) == 0


@pytest.mark.heavy
@pytest.mark.parametrize("n_newest", [1, 2, 3, 1_000])
def test_looking_at_the_newest_rows_first_changes_no_answer(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, n_newest: int
) -> None:
    for module, name in (
        (places, "_TAIL_ARTICLES"),
        (segment_tables, "_TAIL_ROWS"),
        (story_tables, "_TAIL_ROWS"),
    ):
        monkeypatch.setattr(module, name, n_newest)
    ids = ["a1", "b2", "c3", "d4"]
    for article_id in ids:
        catalog.articles.add_articles(
            RUN, [make_article(article_id, [f"A text of {article_id} that is long enough."])]
        )
    stories = [
        StoryCluster(cluster_id=ClusterId("s1"), title="one", article_ids=(ids[0], ids[1])),
        StoryCluster(cluster_id=ClusterId("s2"), title="two", article_ids=(ids[2],)),
    ]
    catalog.stories.replace_clusters(RUN, stories, [])
    grown = StoryCluster(cluster_id=ClusterId("s1"), title="one", article_ids=(*ids[:2], ids[3]))
    catalog.stories.replace_clusters(RUN, [grown], [])
    found = {
        one.cluster_id: list(one.article_ids) for one in catalog.stories.load_clusters(["s1", "s2"])
    }
    assert found == {"s1": ["a1", "b2", "d4"], "s2": ["c3"]}
    batch = catalog.vectors.select_texts_to_embed(MODEL, 100)
    vectors = VectorSegments(catalog.folder, catalog, model_id=MODEL, dimension=8)
    vectors.add(batch.hashes, make_vectors(len(batch), 8))
    asked = np.append(batch.hashes, [12345])
    spots, _ = catalog.vectors.locate_vectors(MODEL, asked)
    assert spots.tolist() == list(range(len(batch)))
    assert catalog.vectors.count_texts_to_embed(MODEL) == 0


def test_a_text_that_comes_again_is_among_the_newest_and_has_one_row(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_tables, "_TAIL_ROWS", 4)
    catalog.articles.add_articles(RUN, [make_article("a1")])
    vectors = VectorSegments(catalog.folder, catalog, model_id=MODEL, dimension=8)
    batch = catalog.vectors.select_texts_to_embed(MODEL, 100)
    vectors.add(batch.hashes, make_vectors(len(batch), 8))
    catalog.vectors.mark_embedded(MODEL, ["a1"], RUN)
    more = make_article("b2", [f"Paragraph {n} of a long report." for n in range(9)])
    catalog.articles.add_articles(RUN, [more])
    rest = catalog.vectors.select_texts_to_embed(MODEL, 100)
    vectors.add(rest.hashes, make_vectors(len(rest), 8))
    catalog.vectors.mark_embedded(MODEL, ["b2"], RUN)
    before = catalog._database.fetch_rows("FROM store.vector_rows ORDER BY ALL")
    catalog.articles.add_articles(RUN, [make_article("c3", headline="Crane fell in Port Ellery")])
    assert catalog.vectors.list_articles_to_embed(MODEL) == ["c3"]
    assert catalog.vectors.count_texts_to_embed(MODEL) == 1, (
        "the opening is new, the paragraphs are not"
    )
    assert catalog.vectors.renew_vectors(MODEL) == 2
    assert catalog._database.fetch_rows("FROM store.vector_rows ORDER BY ALL") == before
    newest = catalog._database.fetch_rows(
        "SELECT text_hash FROM store.vector_rows ORDER BY rowid DESC LIMIT 2"
    )
    body = {one.text_hash for one in make_article("c3").paragraphs}
    assert {row[0] for row in newest} == body


def test_only_articles_that_wait_are_looked_at_for_texts(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    assert catalog.vectors.count_texts_to_embed(MODEL) == 3
    catalog.vectors.mark_embedded(MODEL, ["a1"], RUN)
    catalog.articles.add_articles(
        RUN, [make_article("b2", ["Something else that is long enough."])]
    )
    assert catalog.vectors.list_articles_to_embed(MODEL) == ["b2"]
    assert len(catalog.vectors.select_texts_to_embed(MODEL, 10)) == 2
    assert catalog.vectors.list_articles_to_embed("other@2") == ["a1", "b2"]
