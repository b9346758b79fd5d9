"""One run after another: what stays, what changes, and what is written down about it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    STEPS,
    fetch,
    hashing_settings,
    read_clusters,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.storage.digesting import digest_content
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.settings import StorySettings
from wirethread.drawing.answers import describe_run
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import work
from wirethread.flows.settings.sections import IngestSettings
from wirethread.storage.catalog import Catalog

DERIVED = [
    "passage_verdicts",
    "passages",
    "passage_places",
    "paragraph_sources",
    "article_derivation",
    "article_agency_shares",
    "duplicate_clusters",
    "duplicate_cluster_articles",
    "links",
]
CONTENT = "COLUMNS(lambda c: c NOT IN ('run_id', 'written'))"
"""All columns but those that tell when a row was written."""


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("news") / "first.jsonl", sample_rows(FIRST_DAY))


@pytest.fixture(scope="module")
def second_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("news") / "second.jsonl", sample_rows(SECOND_DAY))


@pytest.fixture(scope="module")
def both_days(
    first_day: Path, second_day: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A data folder into which both days were read in one run, and its digest. Only to read."""
    folder = tmp_path_factory.mktemp("both")
    run_plainly([first_day, second_day], hashing_settings(folder))
    return folder, read_digest(folder)


def read_derived(folder: Path) -> dict[str, list[str]]:
    """Return the rows of every table about copy and links, as text without the run they are of."""
    return {
        table: sorted(
            str(row) for row in fetch(folder, f"SELECT {CONTENT} FROM store.{table} ORDER BY ALL")
        )
        for table in DERIVED
    }


def test_rerunning_changes_nothing_and_says_so(first_day: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    first = run_plainly([first_day], settings)
    digest = read_digest(tmp_path)
    assert first.changed_something
    assert first.count("read", "n_new_articles") == len(FIRST_DAY)

    again = run_plainly([first_day], settings)
    assert read_digest(tmp_path) == digest
    assert read_published_digest(tmp_path) == digest
    assert not again.changed_something
    assert again.count("read", "n_known") == len(FIRST_DAY)
    assert next(iter(describe_run(again))).startswith(
        f"Nothing new: {len(FIRST_DAY)} articles known already. Nothing was changed"
    )


@pytest.mark.thorough
def test_a_second_run_keeps_the_ids_of_clusters_and_tells_which_grew(
    first_day: Path, second_day: Path, tmp_path: Path
) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([first_day], settings)
    before = read_clusters(tmp_path)
    result = run_plainly([second_day], settings)
    after = read_clusters(tmp_path)
    assert result.count("read", "n_new_articles") == len(SECOND_DAY)
    told = {
        story_id
        for row in fetch(
            tmp_path,
            f"SELECT subject_id, other_id FROM story_events WHERE run_id = '{result.run_id}'",
        )
        for story_id in row
    }
    assert len(before) > 1
    with Catalog.open(tmp_path) as catalog:
        for cluster_id, members in before.items():
            heir = catalog.stories.resolve_story_id(cluster_id)
            assert members & after[heir]
            assert after.get(cluster_id) == members or cluster_id in told
    assert any(after.get(one) != members for one, members in before.items()), "nothing was tested"


def test_arrival_in_two_runs_finds_the_same_copy_and_the_same_stories(
    first_day: Path, second_day: Path, both_days: tuple[Path, str], tmp_path: Path
) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([second_day], settings)
    run_plainly([first_day], settings)
    assert read_derived(tmp_path) == read_derived(both_days[0])
    assert set(read_clusters(tmp_path).values()) == set(read_clusters(both_days[0]).values())


@pytest.mark.thorough
def test_order_of_sources_does_not_change_the_outcome(
    first_day: Path, second_day: Path, both_days: tuple[Path, str], tmp_path: Path
) -> None:
    run_plainly([second_day, first_day], hashing_settings(tmp_path))
    assert read_digest(tmp_path) == both_days[1]


@pytest.mark.thorough
def test_small_batches_do_not_change_the_outcome(
    first_day: Path,
    second_day: Path,
    both_days: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "ARTICLES_PER_BATCH", 3)
    settings = hashing_settings(
        tmp_path,
        embedding=EmbeddingSettings(model="hashing", texts_per_batch=40, rows_per_segment=60),
        ingest=IngestSettings(articles_per_batch=4),
    )
    run_plainly([first_day, second_day], settings)
    assert read_digest(tmp_path) == both_days[1]


def test_a_split_over_two_files_does_not_change_the_outcome(
    both_days: tuple[Path, str], tmp_path: Path
) -> None:
    rows = sample_rows([*FIRST_DAY, *SECOND_DAY])
    left = write_lines(tmp_path / "odd.jsonl", rows[1::2])
    right = write_lines(tmp_path / "even.jsonl", rows[::2])
    split, whole = tmp_path / "split", tmp_path / "whole"
    run_plainly([left, right], hashing_settings(split))
    run_plainly([write_lines(tmp_path / "all.jsonl", rows)], hashing_settings(whole))
    digests = []
    for folder in (split, whole):
        with Catalog.open(folder) as catalog:
            # the file and line that an article was read from are the one thing that differs
            catalog._database.execute("UPDATE store.articles SET source = ''")
            digests.append(digest_content(catalog))
    assert digests[0] == digests[1]


def test_a_moved_match_threshold_changes_only_the_verdicts_it_concerns(
    first_day: Path, second_day: Path, both_days: tuple[Path, str], tmp_path: Path
) -> None:
    # a plain encoder knows no rewording: what comes near it is kept further down
    kept = MatchSettings(keep_score=0.02)
    run_plainly([first_day, second_day], hashing_settings(tmp_path, matching=kept))
    rows = fetch(
        tmp_path,
        "SELECT score FROM store.passage_verdicts WHERE relation = 'paraphrase' AND NOT is_match",
    )
    # stored scores are rounded
    moved = replace(kept, min_score_paraphrase=max(score for (score,) in rows) - 0.0001)
    expected = sum(score > moved.min_score_paraphrase for (score,) in rows)
    assert expected > 0
    result = run_plainly([first_day, second_day], hashing_settings(tmp_path, matching=moved))
    assert result.count("apply thresholds", "n_new_verdicts") == expected
    assert result.count("match", "n_matched") == 0
    assert fetch(
        tmp_path,
        f"SELECT count(*) FROM store.passage_verdicts WHERE run_id = '{result.run_id}'",
    ) == [(expected,)]

    # but for the ids that passages inherit, all is as if the threshold had been there from the start
    fresh = tmp_path / "fresh"
    run_plainly([first_day, second_day], hashing_settings(fresh, matching=moved))
    for table in ("article_derivation", "article_agency_shares", "links"):
        assert read_derived(tmp_path)[table] == read_derived(fresh)[table], table
    verdicts = f"SELECT {CONTENT} FROM store.passage_verdicts ORDER BY ALL"
    judged = verdicts.replace("('run_id'", "('reason', 'run_id'")
    assert fetch(tmp_path, judged) == fetch(fresh, judged)
    assert fetch(tmp_path, verdicts) == fetch(fresh, verdicts), "a verdict keeps an outdated reason"
    assert set(read_clusters(tmp_path).values()) == set(read_clusters(fresh).values())
    assert read_derived(tmp_path) != read_derived(both_days[0])


def test_a_moved_story_threshold_clusters_anew_without_scoring_anew(
    first_day: Path, second_day: Path, both_days: tuple[Path, str], tmp_path: Path
) -> None:
    run_plainly([first_day, second_day], hashing_settings(tmp_path))
    strict = hashing_settings(tmp_path, stories=StorySettings(threshold=0.95))
    result = run_plainly([first_day], strict)
    assert result.count("link", "n_linked") == 0
    fresh = tmp_path / "fresh"
    run_plainly(
        [first_day, second_day],
        hashing_settings(fresh, stories=StorySettings(threshold=0.95)),
    )
    partition = set(read_clusters(tmp_path).values())
    assert partition == set(read_clusters(fresh).values())
    assert partition != set(read_clusters(both_days[0]).values())
    # and back again
    run_plainly([first_day], hashing_settings(tmp_path))
    assert set(read_clusters(tmp_path).values()) == set(read_clusters(both_days[0]).values())


def test_runs_and_their_steps_are_written_down(first_day: Path, tmp_path: Path) -> None:
    result = run_plainly([first_day], hashing_settings(tmp_path))
    assert [one.step for one in result.steps] == STEPS
    with Catalog.open_published(tmp_path) as catalog:
        (row,) = catalog.execute_read_only(
            "SELECT run_id, state, sources, counts, message, finished_at >= started_at AS ended,"
            " settings FROM runs"
        ).to_pylist()
        steps = catalog.execute_read_only(
            "SELECT step, counts FROM run_steps ORDER BY recorded_at"
        ).to_pylist()
    counts = dict(row["counts"])
    assert (row["run_id"], row["state"], row["message"]) == (result.run_id, "finished", None)
    assert row["sources"] == [str(first_day)]
    assert row["ended"]
    assert '"model": "hashing"' in row["settings"]
    assert counts["n_read"] == counts["n_new_articles"] == len(FIRST_DAY)
    assert counts["n_matched"] == counts["n_linked"] == len(FIRST_DAY)
    # publishing comes after what is published
    assert [one["step"] for one in steps] == STEPS[:-1]
    for step in steps:
        for name, number in step["counts"]:
            assert result.count(step["step"], name) == number


def test_sources_of_one_run_are_counted_together(
    first_day: Path, second_day: Path, both_days: tuple[Path, str]
) -> None:
    rows = fetch(both_days[0], "SELECT sources, counts FROM runs")
    assert len(rows) == 1
    assert rows[0][0] == [str(first_day), str(second_day)]
    assert dict(rows[0][1])["n_new_articles"] == len(FIRST_DAY) + len(SECOND_DAY)
