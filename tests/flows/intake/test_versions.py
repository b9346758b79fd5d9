"""Texts that change under their address: what the catalog keeps, and what it counts."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import fetch, hashing_settings, read_digest, run_plainly, write_lines
from tests.flows.killable import Point, plan_points, recover, run_killed
from wirethread.flows.operations.correct import say_apart
from wirethread.flows.settings.sections import IngestSettings
from wirethread.storage.answers.article import find_article
from wirethread.storage.catalog import Catalog

NOON = datetime(2025, 5, 6, 12, tzinfo=UTC)

AGENCY_TEXT = [
    "OSTRAVEN, May 6 (Reuters) - A ferry carrying commuters across the Lenna estuary ran aground "
    "on Tuesday, and 12 people were taken to hospital, the harbour authority said.",
    "The Marigold struck a sandbank shortly after seven in the morning as thick fog covered the "
    "channel, harbour master Tilde Aronsen told reporters at the quay.",
    "Rescue boats brought all 214 passengers ashore within two hours, and divers found no leak in "
    "the hull of the vessel, which was built in 1998.",
]
PAPER_LEDE = (
    "Our ferry town woke to sirens on Tuesday morning, and by noon the whole quay was lined with "
    "families waiting for news of the Marigold."
)
OTHER_TEXT = [
    "The provincial orchestra will open its autumn season with a symphony that lay forgotten in a "
    "monastery cupboard for more than a century, its director announced.",
    "Musicologist Ferran Oduya, who found the score, said its slow movement alone justified the "
    "three years that he spent on transcribing every part by hand.",
]


def at(minutes: int) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def make_row(
    source_id: str | None,
    outlet: str,
    headline: str,
    paragraphs: list[str],
    minutes: int | None,
    url: str | None = None,
) -> dict[str, Any]:
    row = {
        "id": source_id,
        "outlet": outlet,
        "title": headline,
        "text": "\n\n".join(paragraphs),
        "url": url or f"https://{outlet.lower().replace(' ', '')}.example/news/{source_id}",
        "published_at": at(minutes) if minutes is not None else None,
    }
    return {name: value for name, value in row.items() if value is not None}


def change(row: dict[str, Any], old: str, new: str, **others: Any) -> dict[str, Any]:
    assert old in row["text"]
    return {**row, "text": row["text"].replace(old, new), **others}


AGENCY = make_row("rtr-ferry", "Reuters", "Ferry runs aground off Ostraven", AGENCY_TEXT, 0)
PAPER = make_row(
    "gaz-ferry",
    "Ostraven Gazette",
    "Ferry runs aground in estuary fog",
    [PAPER_LEDE, *AGENCY_TEXT[1:]],
    30,
)
CONCERT = make_row("gaz-music", "Ostraven Gazette", "Forgotten symphony found", OTHER_TEXT, 40)
AGENCY_LATER = change(
    AGENCY, "divers found no leak", "divers found a small leak", published_at=at(60)
)
PAPER_LATER = change(PAPER, "Tilde Aronsen", "Tilda Aronsen", published_at=at(90))


def run(folder: Path, rows: list[dict[str, Any]], **sections: Any) -> Any:
    news = folder.parent / f"{folder.name}-{len(list(folder.parent.iterdir()))}.jsonl"
    return run_plainly([write_lines(news, rows)], hashing_settings(folder, **sections))


def list_versions(folder: Path) -> list[tuple[Any, ...]]:
    return fetch(
        folder,
        "SELECT series_id, version, is_current, article_id, supersedes, superseded_by, changed"
        " FROM article_versions ORDER BY ALL",
    )


def read_articles_of(folder: Path) -> dict[str, set[str]]:
    """Return the articles that each table of copy and stories names."""
    found: dict[str, set[str]] = {}
    for table, columns in {
        "passage_matches": "left_article_id, right_article_id",
        "passage_places": "article_id",
        "article_derivation": "article_id",
        "links": "left_id, right_id",
        "duplicate_cluster_articles": "article_id",
        "story_cluster_articles": "article_id",
        "story_cluster_sources": "article_id",
    }.items():
        found[table] = {
            one for row in fetch(folder, f"SELECT {columns} FROM {table}") for one in row
        }
    return found


def read_state(folder: Path) -> str:
    """Return what is known of current articles, without lasting ids and what happened to them."""
    tables = {
        "versions": "SELECT * EXCLUDE (run_id) FROM store.article_versions ORDER BY ALL",
        "verdicts": "SELECT * EXCLUDE (run_id, written) FROM store.passage_verdicts ORDER BY ALL",
        "derivation": "SELECT * EXCLUDE (run_id, written) FROM store.article_derivation ORDER BY ALL",
        "duplicates": "SELECT * EXCLUDE (run_id) FROM store.duplicate_clusters ORDER BY ALL",
        "links": "SELECT * EXCLUDE (run_id, written) FROM store.links ORDER BY ALL",
        "pending": "SELECT step, article_id FROM store.step_pending ORDER BY ALL",
        "done": "SELECT step, version FROM store.step_versions ORDER BY ALL",
        "outdated": "SELECT * EXCLUDE (run_id) FROM store.outdated_copies ORDER BY ALL",
        "groups": "SELECT list(article_id ORDER BY article_id) AS g FROM"
        " store.story_cluster_articles GROUP BY cluster_id ORDER BY g",
        "origins": "SELECT article_id, begin, origin_article_id, agency FROM passage_places"
        " JOIN passages USING (passage_id) ORDER BY ALL",
        "counts": "SELECT article_id, counted, source_group FROM store.story_sources ORDER BY ALL",
    }
    return json.dumps({name: fetch(folder, sql) for name, sql in tables.items()}, default=str)


def test_a_changed_text_under_the_same_address_is_a_new_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER, CONCERT])
    result = run(data, [AGENCY_LATER])
    assert result.count("read", "n_new_articles") == 1
    assert result.count("read", "n_new_versions") == 1
    rows = fetch(
        data,
        "SELECT version, is_current, changed, text FROM article_versions"
        " JOIN articles USING (article_id, version, is_current)"
        " WHERE articles.outlet = 'Reuters' ORDER BY version",
    )
    assert rows == [
        (1, False, None, AGENCY["text"]),
        (2, True, "“no” became “a small”", AGENCY_LATER["text"]),
    ]
    with Catalog.open_published(data) as catalog:
        assert catalog.execute_read_only("FROM articles").num_rows == 4


@pytest.mark.thorough
def test_the_story_keeps_its_place_its_id_and_its_thread(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER, CONCERT])
    before = fetch(data, "SELECT cluster_id, thread_id, n_articles FROM story_clusters ORDER BY 1")
    result = run(data, [AGENCY_LATER, PAPER_LATER])
    after = fetch(data, "SELECT cluster_id, thread_id, n_articles FROM story_clusters ORDER BY 1")
    assert after == before
    assert [row[2] for row in before if row[2] > 1] == [2], "the two reports are one story"
    assert fetch(data, f"FROM story_events WHERE run_id = '{result.run_id}'") == []


@pytest.mark.thorough
def test_only_the_current_version_takes_part_in_copy_and_stories(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER, CONCERT])
    run(data, [AGENCY_LATER, PAPER_LATER])
    current = {row[0] for row in fetch(data, "SELECT article_id FROM articles WHERE is_current")}
    assert len(current) == 3
    found = read_articles_of(data)
    assert found["passage_matches"], "nothing was tested"
    assert found["story_cluster_articles"] == current
    for table, article_ids in found.items():
        assert article_ids <= current, table
    assert fetch(data, "SELECT n_places, n_outlets FROM passages ORDER BY ALL") == [(2, 2), (2, 2)]


def test_an_update_of_the_agency_after_the_copy_does_not_make_the_paper_first(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER])
    run(data, [AGENCY_LATER])
    assert fetch(
        data,
        "SELECT DISTINCT a.outlet, a.is_current, p.agency, p.confidence FROM passages p"
        " JOIN articles a ON a.article_id = p.origin_article_id",
    ) == [("Reuters", True, "Reuters", 0.95)]


@pytest.mark.parametrize(
    "batches",
    [
        pytest.param(
            [[AGENCY], [PAPER], [AGENCY_LATER], [PAPER_LATER], [CONCERT]], marks=pytest.mark.slow
        ),
        [[PAPER_LATER, AGENCY_LATER], [CONCERT, AGENCY], [PAPER]],
        [[AGENCY_LATER, CONCERT], [AGENCY], [PAPER_LATER, PAPER]],
    ],
)
def test_the_order_of_arrival_makes_no_difference(
    batches: list[list[dict[str, Any]]], tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    sources = [
        write_lines(tmp_path / f"{one['id']}-{place}.jsonl", [one])
        for place, one in enumerate([AGENCY, AGENCY_LATER, CONCERT, PAPER, PAPER_LATER])
    ]
    run_plainly(sources, hashing_settings(whole))
    paths = {json.dumps(json.loads(one.read_text())): one for one in sources}
    for batch in batches:
        run_plainly([paths[json.dumps(one)] for one in batch], hashing_settings(parts))
    assert read_state(parts) == read_state(whole)


def test_small_batches_make_no_difference(tmp_path: Path) -> None:
    rows = [AGENCY_LATER, PAPER, AGENCY, CONCERT, PAPER_LATER, PAPER]
    news = write_lines(tmp_path / "news.jsonl", rows)
    small = IngestSettings(articles_per_batch=1)
    run_plainly([news], hashing_settings(tmp_path / "small", ingest=small))
    run_plainly([news], hashing_settings(tmp_path / "large"))
    assert read_digest(tmp_path / "small") == read_digest(tmp_path / "large")


def test_running_twice_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [AGENCY, PAPER, AGENCY_LATER]
    run(data, rows)
    digest, versions = read_digest(data), list_versions(data)
    again = run(data, rows)
    assert not again.changed_something
    assert again.count("read", "n_known") == 3
    assert (read_digest(data), list_versions(data)) == (digest, versions)


def test_an_older_version_that_is_read_later_does_not_displace_the_newer_one(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY_LATER, PAPER])
    clusters = fetch(data, "FROM story_cluster_articles ORDER BY ALL")
    run(data, [AGENCY])
    assert fetch(data, "SELECT text FROM articles WHERE outlet = 'Reuters' AND is_current") == [
        (AGENCY_LATER["text"],)
    ]
    assert fetch(data, "FROM story_cluster_articles ORDER BY ALL") == clusters


@pytest.mark.parametrize(
    "url",
    [
        "https://ostravengazette.example/news/gaz-ferry?utm_source=mail&utm_medium=rss",
        "https://ostravengazette.example/news/gaz-ferry#comments",
        "https://m.ostravengazette.example/news/gaz-ferry",
        "https://ostravengazette.example/news/gaz-ferry/amp",
    ],
)
def test_the_same_text_under_another_form_of_its_address_is_one_article(
    url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    copy = {**PAPER, "url": url, "id": "another-id"}
    result = run(data, [PAPER, copy])
    assert (result.count("read", "n_new_articles"), result.count("read", "n_known")) == (1, 1)


def test_white_space_quotes_and_furniture_make_no_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [PAPER])
    text = PAPER["text"].replace("\n\n", "\n\n\n").replace("Our ferry town", "Our  ferry town")
    result = run(data, [{**PAPER, "text": text + "\n\nShare this article\n\nAdvertisement"}])
    assert (result.count("read", "n_new_articles"), result.count("read", "n_known")) == (0, 1)


def test_an_id_that_is_given_anew_to_another_text_makes_no_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    other = {**CONCERT, "id": "1", "url": "https://ostravengazette.example/b"}
    run(data, [{**PAPER, "id": "1"}, other])
    assert fetch(data, "SELECT count(*) FROM articles WHERE is_current") == [(2,)]


def test_another_report_under_the_same_address_leaves_the_story(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER])
    (story,) = fetch(data, "SELECT cluster_id FROM story_clusters WHERE n_articles = 2")
    run(data, [{**CONCERT, "id": PAPER["id"], "url": PAPER["url"], "published_at": at(200)}])
    stories = fetch(data, "SELECT title, n_articles, cluster_id FROM story_clusters ORDER BY title")
    assert [row[:2] for row in stories] == [(AGENCY["title"], 1), (CONCERT["title"], 1)]
    assert stories[0][2] == story[0]
    assert stories[1][2] != story[0]
    assert fetch(data, "SELECT count(*) FROM story_threads WHERE n_clusters IS NULL") == [(0,)]


def test_a_lone_story_that_became_another_one_is_removed_with_its_thread(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [PAPER])
    (old,) = fetch(data, "SELECT cluster_id, thread_id FROM story_clusters")
    run(data, [{**CONCERT, "id": PAPER["id"], "url": PAPER["url"], "published_at": at(200)}])
    (new,) = fetch(data, "SELECT cluster_id, thread_id FROM story_clusters")
    assert not set(old) & set(new)
    assert fetch(data, "SELECT thread_id FROM story_threads") == [(new[1],)]
    removed = fetch(data, "SELECT subject_id FROM story_events WHERE kind = 'removed' ORDER BY 1")
    assert removed == sorted([(old[0],), (old[1],)])


def test_what_a_person_said_of_an_older_version_holds_for_the_newer_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = hashing_settings(data)
    run(data, [AGENCY, PAPER])
    assert fetch(data, "SELECT max(n_articles) FROM story_clusters") == [(2,)]
    say_apart(settings, AGENCY["id"], PAPER["id"], said_by="desk")
    assert fetch(data, "SELECT max(n_articles) FROM story_clusters") == [(1,)]
    run(data, [AGENCY_LATER, PAPER_LATER])
    assert fetch(data, "SELECT max(n_articles) FROM story_clusters") == [(1,)]


def test_an_address_leads_to_the_current_version_and_the_old_one_stays_readable(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, AGENCY_LATER])
    ids = dict(fetch(data, "SELECT version, article_id FROM article_versions"))
    with Catalog.open_published(data) as catalog:
        assert find_article(catalog, AGENCY["url"]) == ids[2]
        assert find_article(catalog, AGENCY["id"]) == ids[2]
        assert find_article(catalog, ids[1]) == ids[1]


def test_articles_of_an_older_catalog_get_their_versions_when_the_next_run_reads(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER])
    run(data, [AGENCY_LATER])
    expected = list_versions(data)
    with Catalog.open(data) as catalog, catalog._database.transaction():
        catalog._database.execute(
            "UPDATE store.articles SET url_key = NULL, id_key = NULL, superseded_by = NULL,"
            " first_published_at = NULL, first_precision = NULL"
        )
        catalog._database.execute("DELETE FROM store.article_versions")
    run(data, [CONCERT])
    assert set(expected) < set(list_versions(data))
    current = {row[0] for row in fetch(data, "SELECT article_id FROM articles WHERE is_current")}
    for table, article_ids in read_articles_of(data).items():
        assert article_ids <= current, table


class ChangingNews:
    """A data folder after a first run, a source that changes its texts, and where both end."""

    def __init__(self, folder: Path) -> None:
        first = write_lines(folder / "first.jsonl", [AGENCY, PAPER, CONCERT])
        self.source = write_lines(folder / "second.jsonl", [AGENCY_LATER, PAPER_LATER])
        self.before = folder / "before"
        recover([first], self.before)
        undisturbed = folder / "undisturbed"
        shutil.copytree(self.before, undisturbed)
        self.steps = plan_points([self.source], undisturbed)
        self.digest, self.state = read_digest(undisturbed), read_state(undisturbed)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> ChangingNews:
    return ChangingNews(tmp_path_factory.mktemp("changing"))


@pytest.mark.parametrize(
    "step",
    [
        "read",
        "cluster",
        "outdated",
        *(
            pytest.param(step, marks=pytest.mark.slow)
            for step in ("match", "join", "duplicates", "link", "thread", "count")
        ),
    ],
)
def test_a_run_killed_over_new_versions_is_finished_by_the_next(
    changing: ChangingNews, tmp_path: Path, step: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(changing.before, folder)
    numbers = [number for number, one in enumerate(changing.steps, 1) if one == step]
    point = Point(number=numbers[len(numbers) // 2], step=step)
    assert run_killed(point, [changing.source], folder)
    recover([changing.source], folder)
    assert read_digest(folder) == changing.digest
    assert read_state(folder) == changing.state
