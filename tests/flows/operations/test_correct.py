"""What a person said holds at once, also where the process that was told it was killed."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    hashing_settings,
    read_clusters,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.articles.errors import CorrectionError
from wirethread.flows import work
from wirethread.flows.operations import correct
from wirethread.flows.operations.correct import (
    CorrectionEffect,
    list_corrections,
    pin_title,
    say_together,
    undo_correction,
)
from wirethread.flows.operations.repair import repair
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import Database
from wirethread.storage.upkeep.verification import CheckState, verify_folder


class Killed(BaseException):
    """Ends the process here."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    source = write_lines(folder / "news.jsonl", sample_rows(FIRST_DAY))
    run_plainly([source], hashing_settings(folder / "data"))
    return folder / "data"


@pytest.fixture
def data(day: Path, tmp_path: Path) -> Settings:
    shutil.copytree(day, tmp_path / "data")
    return hashing_settings(tmp_path / "data")


def together(settings: Settings) -> CorrectionEffect:
    return say_together(settings, "rtr-quake-1", "ng-festival", said_by="desk")


def pinned(settings: Settings) -> CorrectionEffect:
    clusters = read_clusters(settings.data_folder)
    (story,) = [name for name, members in clusters.items() if "ng-festival" in members]
    return pin_title(settings, story, "A festival ends", said_by="desk")


POINTS = ["stored", "clustered", "counted", "unpublished"]


def kill_at(patch: pytest.MonkeyPatch, point: str) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    places = {
        "stored": (correct, "bring_up_to_date"),
        "clustered": (work, "tie_threads"),
        "counted": (work, "count_story_newsrooms"),
        "unpublished": (correct, "publish_everywhere"),
    }
    patch.setattr(*places[point], die)


@pytest.mark.thorough
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("say", [together, pinned])
def test_a_correction_that_was_killed_is_finished_by_saying_it_again(
    data: Settings, tmp_path: Path, point: str, say: Callable[[Settings], CorrectionEffect]
) -> None:
    undisturbed = hashing_settings(tmp_path / "undisturbed")
    shutil.copytree(data.data_folder, undisturbed.data_folder)
    say(undisturbed)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, point)
        with pytest.raises(Killed):
            say(data)
    assert list_problems(data) == []
    effect = say(data)
    assert (effect.is_new, effect.was_left) == (False, True)
    digest = read_digest(undisturbed.data_folder)
    assert read_digest(data.data_folder) == digest
    assert read_published_digest(data.data_folder) == digest
    effect = say(data)
    assert (effect.is_new, effect.was_left, effect.moved) == (False, False, [])


def list_problems(settings: Settings) -> list[str]:
    found = verify_folder(settings.data_folder)
    return [one.message for one in found.checks if one.state is CheckState.PROBLEM]


@pytest.mark.thorough
def test_a_thread_that_waits_to_be_ended_is_no_damage_and_repair_ends_it(
    data: Settings, tmp_path: Path
) -> None:
    undisturbed = hashing_settings(tmp_path / "undisturbed")
    shutil.copytree(data.data_folder, undisturbed.data_folder)
    together(undisturbed)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, "clustered")
        with pytest.raises(Killed):
            together(data)
    (note,) = [
        check for check in verify_folder(data.data_folder).checks if "story_threads" in check.name
    ]
    assert (note.state, note.n_found) == (CheckState.NOTE, 1)
    assert note.advice == "the next run does it"
    repairing = repair(data)
    assert [mending.name for mending in repairing.mendings] == ["story_threads"]
    assert repairing.aside is None
    assert read_digest(data.data_folder) == read_digest(undisturbed.data_folder)
    assert verify_folder(data.data_folder).is_fine


def test_a_thread_without_a_story_for_which_nothing_waits_is_damage(data: Settings) -> None:
    with Catalog.open(data.data_folder) as catalog:
        catalog._database.execute(
            "DELETE FROM store.story_thread_clusters WHERE thread_id ="
            " (SELECT min(thread_id) FROM store.story_threads)"
        )
    assert len(list_problems(data)) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("point", POINTS)
def test_a_correction_taken_back_is_finished_by_taking_it_back_again(
    data: Settings, point: str
) -> None:
    before = read_clusters(data.data_folder)
    said = together(data).correction.correction_id
    assert read_clusters(data.data_folder) != before
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, point)
        with pytest.raises(Killed):
            undo_correction(data, said)
    assert undo_correction(data, said).was_left
    assert set(read_clusters(data.data_folder).values()) == set(before.values())
    with pytest.raises(CorrectionError, match="is in force"):
        undo_correction(data, said)


def test_an_older_title_stays_pinned_until_the_new_one_is_stored(
    data: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = pinned(data)
    execute = Database.execute

    def die_at_insert(database: Database, sql: str, parameters: Any = ()) -> int:
        if "INSERT INTO store.corrections" in sql:
            raise Killed
        return execute(database, sql, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute", die_at_insert)
        with pytest.raises(Killed):
            pin_title(data, effect.correction.left_id, "Another title")
    assert [one.title for one in list_corrections(data.data_folder)] == ["A festival ends"]
    with Catalog.open(data.data_folder) as catalog:
        assert [one.title for one in catalog.corrections.load_corrections()] == ["A festival ends"]
