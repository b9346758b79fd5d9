import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wirethread.storage.answers.filters import find_let_through
from wirethread.storage.answers.page.article import load_article_page
from wirethread.storage.answers.page.compare import load_compared_pair
from wirethread.storage.answers.page.facts import load_article_facts, load_words, prepare_pages
from wirethread.storage.answers.page.passage import load_passage_page
from wirethread.storage.answers.page.search import find_hit_passages
from wirethread.storage.answers.page.story import load_story_page
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.directory import fetch_about, find_rows, has_rows
from wirethread.storage.words.index import open_words


@pytest.fixture(scope="module")
def plain(published: Path) -> Iterator[Catalog]:
    """The sample, every question answered by reading whole columns."""
    with Catalog.open_published(published) as catalog:
        catalog._database.directories.n_asked = _Never()
        yield catalog


class _Never(dict[str, int]):
    def get(self, key: str, default: Any = None) -> Any:
        """Say that hardly anything was asked."""
        return -(10**9)


@pytest.fixture(scope="module")
def prepared(published: Path) -> Iterator[Catalog]:
    """The sample with every directory that pages use."""
    with Catalog.open_published(published) as catalog:
        prepare_pages(catalog)
        yield catalog


NOON = datetime(2024, 3, 12, 12, tzinfo=UTC)


def list_all(catalog: Catalog, column: str, table: str) -> list[str]:
    rows = catalog._database.fetch_rows(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1")
    return [row[0] for row in rows]


def test_pages_say_the_same_with_directories_and_without(plain: Catalog, prepared: Catalog) -> None:
    articles = list_all(plain, "article_id", "articles")
    assert len(articles) > 50
    for article_id in articles[::6]:
        assert load_article_page(prepared, article_id) == load_article_page(plain, article_id)
    for passage_id in list_all(plain, "passage_id", "passages")[::5]:
        assert load_passage_page(prepared, passage_id) == load_passage_page(plain, passage_id)
    stories = [
        *list_all(plain, "thread_id", "story_threads"),
        *list_all(plain, "cluster_id", "story_clusters"),
    ]
    for story_id in stories[::5]:
        assert load_story_page(prepared, story_id) == load_story_page(plain, story_id)


def test_comparisons_and_hits_are_the_same_with_directories_and_without(
    plain: Catalog, prepared: Catalog
) -> None:
    pairs = plain._database.fetch_rows(
        "SELECT DISTINCT left_article_id, right_article_id FROM passage_verdicts ORDER BY ALL"
    )
    assert pairs
    for left, right in pairs[::5]:
        there = load_compared_pair(prepared, left, right)
        assert there == load_compared_pair(plain, left, right)
        back = load_compared_pair(prepared, right, left)
        assert back == load_compared_pair(plain, right, left)
        assert {(one.begin, one.end) for one in there.verdicts} == {
            (one.other_begin, one.other_end) for one in back.verdicts
        }
    paragraphs = list_all(plain, "paragraph_id", "paragraphs")
    assert find_hit_passages(prepared, paragraphs) == find_hit_passages(plain, paragraphs) != {}


def test_a_directory_names_the_rows_of_an_id_and_no_others(prepared: Catalog) -> None:
    database = prepared._database
    articles = list_all(prepared, "article_id", "articles")
    named = fetch_about(
        database,
        "SELECT DISTINCT article_id FROM store.paragraphs WHERE {rows}",
        "paragraphs",
        "article_id",
        articles[3:5],
    )
    assert sorted(row[0] for row in named) == articles[3:5]
    assert "rowid" in (find_rows(database, "articles", "article_id", articles[:2]) or "")


@pytest.mark.parametrize("strange", ["", "nobody", "\0", "x" * 500, "\ud800", "'; DROP TABLE x"])
def test_an_id_that_nothing_has_finds_nothing(prepared: Catalog, strange: str) -> None:
    database = prepared._database
    first = list_all(prepared, "article_id", "articles")[0]
    assert has_rows(database, "articles", "article_id", first)
    assert not has_rows(database, "articles", "article_id", first + "\0")
    assert not has_rows(database, "articles", "article_id", strange)
    assert find_rows(database, "articles", "article_id", [strange]) is None
    assert load_article_facts(prepared, [strange]) == {}
    assert load_words(prepared, [(strange, 0, 5)]) == {}


def test_the_writers_catalog_keeps_no_directory(catalog: Catalog) -> None:
    for _ in range(5):
        condition = find_rows(catalog._database, "articles", "article_id", ["it's", "b"])
        assert condition == "article_id IN ('b', 'it''s')"
    assert catalog._database.directories.made == {}


def test_what_two_articles_share_is_looked_up_as_the_view_tells_it(prepared: Catalog) -> None:
    pairs = prepared._database.fetch_rows(
        "SELECT DISTINCT left_article_id, right_article_id FROM passage_verdicts"
        " UNION (SELECT a.article_id, b.article_id FROM articles a JOIN articles b"
        "  ON a.article_id < b.article_id ORDER BY ALL LIMIT 40) ORDER BY ALL"
    )
    told = {
        (row[0], row[1]): (row[2], row[3])
        for row in prepared._database.fetch_rows(
            "SELECT left_article_id, right_article_id, sum(left_end - left_begin),"
            " sum(right_end - right_begin) FROM passage_matches WHERE relation <> 'quotation'"
            " GROUP BY ALL"
        )
    }
    sizes = dict(
        prepared._database.fetch_rows(
            'SELECT article_id, sum("end" - "begin") FROM paragraphs WHERE kind = \'body\''
            " GROUP BY ALL"
        )
    )
    assert told
    for left, right in pairs:
        wanted = {}
        if (left, right) in told:
            n_left, n_right = told[left, right]
            share = min(1.0, max(n_left / sizes[left], n_right / sizes[right]))
            wanted = {(left, right): pytest.approx(share)}
        assert prepared.surroundings.find_shared_copy([left, right]) == wanted


def test_clusters_and_links_are_the_same_in_the_catalog_and_in_its_snapshot(
    published: Path, tmp_path: Path, prepared: Catalog
) -> None:
    folder = Path(shutil.copytree(published, tmp_path / "data"))
    with Catalog.open(folder) as writer:
        articles = list_all(writer, "article_id", "articles")
        for few in (articles[:3], articles[5:50]):
            homes = writer.stories.find_clusters_of_articles(few)
            assert prepared.stories.find_clusters_of_articles(few) == homes != {}
            clusters = writer.stories.load_clusters(homes.values())
            assert prepared.stories.load_clusters(homes.values()) == clusters
            members = {one for cluster in clusters for one in cluster.article_ids}
            links = writer.stories.load_links(members, within=True)
            assert prepared.stories.load_links(members, within=True) == links
            assert prepared.versions.find_current(few) == writer.versions.find_current(few)
            theirs = prepared.surroundings.find_headlines(few)
            assert theirs == writer.surroundings.find_headlines(few)
            assert (
                prepared.articles.find_opening_hashes(few).tolist()
                == writer.articles.find_opening_hashes(few).tolist()
            )
            assert (
                prepared.surroundings.find_body_texts(few).tolist()
                == writer.surroundings.find_body_texts(few).tolist()
            )


@pytest.mark.parametrize("n_wanted", [1, 3, 500])
def test_a_search_in_an_outlet_finds_what_a_search_everywhere_finds_there(
    prepared: Catalog, n_wanted: int
) -> None:
    index = open_words(prepared)
    assert index is not None
    words = ["ostrel", "earthquake", "said"]
    everywhere = index.search(words, 100_000).to_pylist()
    for outlet in ("Meridian Post", "Reuters", "Halden Bay Tribune"):
        let_through = find_let_through(prepared, PassageFilter(outlet=outlet))
        assert let_through is not None
        places = let_through.places
        allowed = set(places.tolist())
        there = [row for row in everywhere if row["place"] in allowed]
        found, n_all = index.search_among(words, 100_000, places, n_wanted)
        least = there[min(n_wanted, len(there)) - 1]["score"]
        assert found.to_pylist() == [row for row in there if row["score"] >= least] != []
        assert n_all == len(everywhere)
    none = index.search_among(words, 100_000, np.empty(0, dtype=np.int64), n_wanted)
    assert (none[0].num_rows, none[1]) == (0, len(everywhere))


@pytest.mark.parametrize(
    ("chosen", "condition"),
    [
        (PassageFilter(outlet="reuters"), "lower(a.outlet) = 'reuters'"),
        (PassageFilter(outlet="Nowhere"), "false"),
        (PassageFilter(since=NOON), "a.published_at >= '2024-03-12 12:00:00'"),
        (
            PassageFilter(until=NOON, outlet="Meridian Post"),
            "a.published_at < '2024-03-12 12:00:00' AND a.outlet = 'Meridian Post'",
        ),
    ],
)
def test_what_a_filter_lets_through_is_what_its_articles_hold(
    prepared: Catalog, chosen: PassageFilter, condition: str
) -> None:
    rows = prepared._database.fetch_rows(
        "SELECT p.rowid, p.text_hash FROM store.paragraphs p JOIN store.articles a USING"
        " (article_id) WHERE p.kind = 'body' AND a.superseded_by IS NULL"
        f" AND {condition} ORDER BY p.rowid"
    )
    assert bool(rows) is (condition != "false")
    found = find_let_through(prepared, chosen)
    assert found is not None
    assert found.places.tolist() == [row[0] for row in rows]
    assert found.hashes.tolist() == sorted(row[1] for row in rows)
    asked = [-1, *(row[0] for row in rows[::2]), 10**9]
    assert found.keep(asked) == [row[0] for row in rows[::2]]
