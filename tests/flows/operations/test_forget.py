"""What is forgotten is gone as if it had never been read, from the files too."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    fetch_all,
    hashing_settings,
    read_clusters,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.storage.digesting import CONTENT
from wirethread.flows.operations import repair as keeping
from wirethread.flows.operations.repair import forget, preview_forgetting
from wirethread.flows.settings.config import Settings
from wirethread.storage import publish
from wirethread.storage.catalog import Catalog
from wirethread.storage.upkeep import erasing
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.forgetting import _ARTICLE_ROWS
from wirethread.storage.upkeep.verification import verify_folder
from wirethread.storage.words.index import open_words

HISTORY = {
    "step_versions",
    "story_events",
    "passage_events",
    "derivation_events",
    "story_redirects",
}
EVERYTHING = [*FIRST_DAY, *SECOND_DAY]
GONE = "Meridian Post"
REFUSED = r"it was forgotten for good on \d{4}-\d\d-\d\d"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two days in it. Only to copy."""
    folder = tmp_path_factory.mktemp("full")
    run_plainly([write_rows(folder, lambda _: True)], hashing_settings(folder / "data"))
    return folder / "data"


@pytest.fixture
def data(full: Path, tmp_path: Path) -> Settings:
    shutil.copytree(full, tmp_path / "data")
    return hashing_settings(tmp_path / "data")


def write_rows(folder: Path, is_wanted: Callable[[dict[str, str]], bool]) -> Path:
    rows = [row for row in sample_rows(EVERYTHING) if is_wanted(row)]
    return write_lines(folder / "news.jsonl", rows)


def read_content(folder: str | Path) -> dict[str, list[str]]:
    """Return all content under ids that say what a story or passage holds.

    Ids that a story or passage inherited tell of the past, as the tables of history do.
    """
    tables = [table for table in CONTENT if table not in HISTORY]
    clusters, passages, threads, found, *rows = fetch_all(
        folder,
        "SELECT cluster_id, list(article_id || 's' ORDER BY article_id)"
        " FROM store.story_cluster_articles GROUP BY 1",
        "SELECT passage_id, list(article_id || 'p' ORDER BY article_id)"
        " FROM store.passage_places GROUP BY 1",
        "SELECT thread_id, list(cluster_id) FROM store.story_thread_clusters GROUP BY 1",
        'SELECT passage_id, article_id, "begin" FROM store.passage_places',
        *(f"SELECT {CONTENT[table]} FROM store.{table}" for table in tables),
    )
    names = {name: f"[{','.join(members)}]" for name, members in clusters + passages}
    for thread_id, members in threads:
        names[thread_id] = f"<{sorted(names[one] for one in members)}>"
    places = {(passage, article, begin): f"{article}:{begin}" for passage, article, begin in found}
    firsts: dict[str, str] = {}
    for (passage, _, _), place in sorted(places.items(), key=lambda one: one[1]):
        firsts[passage] = f"{firsts.get(passage, '')}+{place}"
    names |= firsts
    return {
        table: sorted(
            re.sub(
                r"'([pst][0-9a-f]{16})'",
                lambda name: names.get(name[1], name[1]),
                re.sub(r"[^' ]*news\.jsonl:\d+", "news", str(row)),
            )
            for row in of_table
        )
        for table, of_table in zip(tables, rows, strict=True)
    }


def check_equal_to_never_read(
    folder: str, other: Path, is_kept: Callable[[dict[str, str]], bool]
) -> None:
    """Compare with a folder that never held what was forgotten."""
    other.mkdir()
    run_plainly([write_rows(other, is_kept)], hashing_settings(other / "data"))
    found, expected = read_content(folder), read_content(other / "data")
    for table, rows in expected.items():
        assert found[table] == rows, table
    verification = verify_folder(folder)
    assert verification.is_fine, verification
    assert read_published_digest(folder) == read_digest(folder)


@pytest.mark.thorough
@pytest.mark.parametrize("outlet", ["Meridian Post", "AP", "Reuters", "Halden Bay Tribune"])
def test_an_outlet_that_is_forgotten_leaves_what_would_be_there_without_it(
    data: Settings, tmp_path: Path, outlet: str
) -> None:
    n_rows = sum(row["outlet"] == outlet for row in sample_rows(EVERYTHING))
    told = forget(data, ForgetSelection(outlet=outlet.upper()))
    assert told.reach.n_articles == n_rows > 0
    assert told.waits_for is None
    check_equal_to_never_read(
        data.data_folder, tmp_path / "other", lambda row: row["outlet"] != outlet
    )


def test_what_was_published_before_a_day_is_forgotten(data: Settings, tmp_path: Path) -> None:
    border = datetime(2024, 3, 12, tzinfo=UTC)
    told = forget(data, ForgetSelection(before=border))
    assert told.reach.n_articles > 0
    assert fetch(
        data.data_folder, "SELECT count(*) FROM articles WHERE published_at < '2024-03-12'"
    ) == [(0,)]
    check_equal_to_never_read(
        data.data_folder,
        tmp_path / "other",
        lambda row: not row.get("published_at") or row["published_at"] >= "2024-03-12",
    )


@pytest.mark.thorough
def test_the_newest_articles_are_forgotten_and_threads_are_as_young_as_before(
    data: Settings, tmp_path: Path
) -> None:
    rows = sample_rows(EVERYTHING)
    newest = max(rows, key=lambda row: str(row.get("published_at", "")))
    forget(data, ForgetSelection(url=newest["url"], outlet=newest["outlet"]))
    check_equal_to_never_read(
        data.data_folder, tmp_path / "other", lambda row: row["id"] != newest["id"]
    )


@pytest.mark.thorough
def test_nothing_is_left_when_everything_is_forgotten(data: Settings) -> None:
    told = forget(data, ForgetSelection(before=datetime(2100, 1, 1, tzinfo=UTC)))
    assert told.reach.n_articles == len(EVERYTHING)
    folder = Path(data.data_folder)
    for table in CONTENT:
        if table not in HISTORY:
            assert fetch(folder, f"SELECT count(*) FROM store.{table}") == [(0,)], table
    assert list((folder / "vectors").iterdir()) == []
    assert verify_folder(folder).is_fine
    assert {one.name for one in folder.iterdir()} - {"run.json"} == {
        "catalog.duckdb",
        "published.duckdb",
        "run.lock",
        "vectors",
    }


@pytest.mark.thorough
def test_the_words_are_gone_from_every_file(tmp_path: Path) -> None:
    word = "Quillfeatherstone"
    rows = sample_rows(EVERYTHING)
    rows[2] = {
        **rows[2],
        "title": f"{word} speaks",
        "text": f"{word} said no.\n\n{rows[2]['text']}",
    }
    settings = hashing_settings(tmp_path / "data")
    source = write_lines(tmp_path / "news.jsonl", rows)
    for _ in range(2):  # so that there is a spare snapshot too
        run_plainly([source], settings)
    holders = [one for one in (tmp_path / "data").iterdir() if contains(one, word)]
    assert {one.name for one in holders} == {
        "catalog.duckdb",
        "published.duckdb",
        "published.spare",
    }
    hashes = {row[0] for row in fetch(tmp_path / "data", "SELECT text_hash FROM store.vector_rows")}
    assert find_word(tmp_path / "data", word.lower()) == [(word.lower(), 1)]
    files = {one.name for one in (tmp_path / "data" / "words").glob("*.idx")}
    forget(settings, ForgetSelection(url=rows[2]["url"]))
    assert [one for one in (tmp_path / "data").rglob("*") if contains(one, word)] == []
    assert find_word(tmp_path / "data", word.lower()) == []
    assert not files & {one.name for one in (tmp_path / "data" / "words").glob("*.idx")}
    left = {row[0] for row in fetch(tmp_path / "data", "SELECT text_hash FROM store.vector_rows")}
    assert left < hashes
    ((n_rows,),) = fetch(tmp_path / "data", "SELECT sum(n_rows) FROM vector_segments")
    assert n_rows == len(left)


def find_word(folder: Path, word: str) -> list[tuple[str, int]]:
    with Catalog.open_published(folder) as snapshot:
        index = open_words(snapshot)
        assert index is not None
        return index.find_forms(word)


def contains(path: Path, word: str) -> bool:
    return path.is_file() and word.encode() in path.read_bytes()


@pytest.mark.thorough
def test_stories_say_what_they_lost_and_old_ids_go_on_leading_to_them(data: Settings) -> None:
    before = read_clusters(data.data_folder)
    told = forget(data, ForgetSelection(outlet=GONE))
    after = read_clusters(data.data_folder)
    events = dict(
        fetch(
            data.data_folder,
            "SELECT subject_id, kind || ': ' || reason FROM story_events"
            " WHERE kind IN ('shrank', 'removed') AND reason LIKE '%forgotten' AND subject_id[1] = 's'",
        )
    )
    gone = {row["id"] for row in sample_rows(EVERYTHING) if row["outlet"] == GONE}
    expected = {}
    for cluster_id, members in before.items():
        lost = members & gone
        if lost == members:
            noun = "1 article was" if len(lost) == 1 else f"{len(lost)} articles were"
            expected[cluster_id] = f"removed: all of its {noun} forgotten"
        elif lost:
            noun = "1 article was" if len(lost) == 1 else f"{len(lost)} articles were"
            expected[cluster_id] = f"shrank: {noun} forgotten"
            with Catalog.open(data.data_folder) as catalog:
                assert catalog.stories.resolve_story_id(cluster_id) in after
    assert events == expected
    assert len(expected) == told.reach.n_stories > told.reach.n_stories_emptied
    assert not any(GONE in str(row) for row in fetch(data.data_folder, "FROM story_events"))


def test_a_dry_run_changes_nothing(data: Settings) -> None:
    digest = read_digest(data.data_folder)
    told = preview_forgetting(data, ForgetSelection(outlet=GONE))
    assert {one.outlet for one in told.reach.articles} == {GONE}
    assert not told.is_done
    assert read_digest(data.data_folder) == digest


def test_selections_are_joined_by_and(data: Settings) -> None:
    rows = sample_rows(EVERYTHING)
    other = next(row for row in rows if row["outlet"] != GONE)
    told = forget(data, ForgetSelection(outlet=GONE, url=other["url"]))
    assert told.reach.n_articles == 0
    assert not told.is_done
    assert fetch(data.data_folder, "SELECT count(*) FROM forgettings") == [(0,)]


@pytest.mark.thorough
def test_a_forgotten_article_comes_back_unless_it_is_for_good(
    data: Settings, tmp_path: Path
) -> None:
    source = write_rows(tmp_path, lambda _: True)
    digest = read_content(data.data_folder)
    forget(data, ForgetSelection(outlet=GONE))
    again = run_plainly([source], data)
    n_rows = sum(row["outlet"] == GONE for row in sample_rows(EVERYTHING))
    assert again.count("read", "n_new_articles") == n_rows
    assert read_content(data.data_folder)["links"] == digest["links"]

    forget(data, ForgetSelection(outlet=GONE), for_good=True)
    refused = run_plainly([source], data)
    assert refused.count("read", "n_new_articles") == 0
    assert refused.count("read", "n_rejected") == n_rows
    reasons = fetch(data.data_folder, "SELECT reason FROM rejected_articles")
    assert len(reasons) == n_rows
    assert all(re.fullmatch(REFUSED, reason) for (reason,) in reasons)


@pytest.mark.thorough
def test_an_address_that_was_forgotten_for_good_is_refused_with_any_text(
    data: Settings, tmp_path: Path
) -> None:
    row = next(one for one in sample_rows(EVERYTHING) if one["outlet"] == GONE)
    forget(data, ForgetSelection(url=row["url"] + "?utm_source=feed"), for_good=True)
    changed = {**row, "id": "another", "text": row["text"] + "\n\nA line was added later."}
    result = run_plainly([write_lines(tmp_path / "again.jsonl", [changed])], data)
    assert result.count("read", "n_rejected") == 1


@pytest.mark.thorough
def test_corrections_about_a_forgotten_article_are_void(data: Settings) -> None:
    from wirethread.flows.operations.correct import list_corrections, say_apart

    by_outlet = fetch(data.data_folder, "SELECT outlet, min(article_id) FROM articles GROUP BY 1")
    ids = dict(by_outlet)
    other = next(one for outlet, one in ids.items() if outlet != GONE)
    say_apart(data, ids[GONE], other, reason="two towns")
    told = forget(data, ForgetSelection(outlet=GONE))
    assert told.reach.n_corrections == 1
    assert list_corrections(data.data_folder) == []
    assert fetch(data.data_folder, "SELECT is_active, void_reason, reason FROM corrections") == [
        (False, f"{ids[GONE]} was forgotten", "two towns")
    ]


@pytest.mark.thorough
def test_answers_about_a_forgotten_article_are_dropped(data: Settings) -> None:
    ids = dict(fetch(data.data_folder, "SELECT outlet, min(article_id) FROM articles GROUP BY 1"))
    kept = sorted(one for outlet, one in ids.items() if outlet != GONE)[:2]
    labels = Path(data.data_folder) / "labels.jsonl"
    pairs = [sorted([ids[GONE], kept[0]]), kept]
    write_lines(labels, [{"left_id": a, "right_id": b, "same": False} for a, b in pairs])
    assert forget(data, ForgetSelection(outlet=GONE)).n_labels == 1
    assert ids[GONE] not in labels.read_text()
    assert kept[1] in labels.read_text()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (keeping, "catch_up"),
        (keeping, "publish_everywhere"),
        (erasing, "copy_database"),
        (publish, "finish_erasing"),
    ],
)
def test_a_forgetting_that_is_interrupted_is_finished_by_the_next_run(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    settings = hashing_settings(tmp_path / "data")
    shutil.copytree(full, tmp_path / "data")
    undisturbed = hashing_settings(tmp_path / "undisturbed")
    shutil.copytree(full, tmp_path / "undisturbed")
    forget(undisturbed, ForgetSelection(outlet=GONE))

    class Stopped(BaseException):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(module, name, stop)
        with pytest.raises(Stopped):
            forget(settings, ForgetSelection(outlet=GONE))
    headline = next(row["title"] for row in sample_rows(EVERYTHING) if row["outlet"] == GONE)
    assert verify_folder(settings.data_folder).is_fine
    empty = write_lines(tmp_path / "bad.jsonl", [])
    run_plainly([empty], settings)
    assert read_content(settings.data_folder) == read_content(undisturbed.data_folder)
    assert fetch(
        settings.data_folder, "SELECT count(*) FROM forgettings WHERE erased_at IS NULL"
    ) == [(0,)]
    files = [one for one in Path(settings.data_folder).rglob("*") if one.is_file()]
    assert [one.name for one in files if headline.encode() in one.read_bytes()] == []


def test_every_table_that_names_articles_is_known_to_forgetting(data: Settings) -> None:
    named = {
        row[0]
        for row in fetch(
            data.data_folder,
            "SELECT DISTINCT table_name FROM duckdb_columns() WHERE schema_name = 'store'"
            " AND (column_name IN ('article_id', 'paragraph_id', 'left_id', 'superseded_by')"
            "  OR column_name LIKE '%article_id' OR column_name LIKE '%origin_id')",
        )
    }
    dealt_with = {
        "passages",
        "passage_events",
        "duplicate_clusters",
        "corrections",
        "refused_articles",
        "parcel_articles",  # of a machine that hands in: it keeps none
    }
    assert named == set(_ARTICLE_ROWS) | dealt_with
