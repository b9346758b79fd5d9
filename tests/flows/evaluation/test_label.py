"""The pairs that a person is asked about, and the file that keeps the answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wirethread.articles.errors import NotFoundError, SourceError
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.settings import StorySettings
from wirethread.flows.evaluation.label import LabelPair, find_label_pairs, spread_over_time
from wirethread.flows.evaluation.labels_file import (
    PairLabel,
    append_label,
    list_decided,
    read_labels,
)
from wirethread.storage.catalog import Catalog

NOW = datetime(2024, 3, 14, 9, 30, tzinfo=UTC)
SETTINGS = StorySettings()


def make_label(left: str, right: str, same: bool | None, by: str = "Ada") -> PairLabel:
    return PairLabel(left_id=ArticleId(left), right_id=ArticleId(right), same=same, by=by, at=NOW)


def answer(pair: LabelPair, same: bool | None) -> PairLabel:
    left, right = sorted((pair.left.article_id, pair.right.article_id))
    return make_label(left, right, same)


def make_row(name: str, week: int | None, one: str = "", other: str = "") -> Mapping[str, Any]:
    return {"name": name, "week": week, "one": one or name, "other": other or name}


def name_border(folder: Path, pair: LabelPair) -> tuple[str, ...]:
    """Return the clusters that a pair lies between."""
    with Catalog.open_published(folder) as catalog:
        found = catalog.stories.find_clusters_of_articles(
            [pair.left.article_id, pair.right.article_id]
        )
    return tuple(sorted(found.values()))


def test_pairs_are_asked_that_lie_near_the_decision(published: Path) -> None:
    (first,) = find_label_pairs(published, SETTINGS, [], 1)
    with Catalog.open_published(published) as catalog:
        links = catalog.stories.load_links()
    nearest = min(abs(one.score - SETTINGS.threshold) for one in links)
    assert abs(first.score - SETTINGS.threshold) == pytest.approx(nearest)


@pytest.mark.thorough
def test_each_pair_of_clusters_is_asked_once(published: Path) -> None:
    pairs = find_label_pairs(published, SETTINGS, [], 200)
    borders = [name_border(published, one) for one in pairs]
    assert len(pairs) > 20
    assert len(set(borders)) == len(borders)
    assert {one.is_together for one in pairs} == {True, False}
    for pair, border in zip(pairs, borders, strict=True):
        assert pair.is_together == (border[0] == border[1])


def test_the_earlier_article_comes_first_with_its_opening(published: Path) -> None:
    for pair in find_label_pairs(published, SETTINGS, [], 200):
        left, right = pair.left, pair.right
        if left.published_at is not None and right.published_at is not None:
            assert left.published_at <= right.published_at
        assert left.headline
        assert 1 <= len(left.opening.split()) <= 60


@pytest.mark.thorough
def test_what_was_answered_is_never_asked_again(published: Path) -> None:
    labels: list[PairLabel] = []
    asked: set[tuple[str, ...]] = set()
    n_all = len(find_label_pairs(published, SETTINGS, [], 200))
    while pairs := find_label_pairs(published, SETTINGS, labels, 7):
        borders = {name_border(published, one) for one in pairs}
        assert not borders & asked
        asked |= borders
        labels += [answer(one, None if place == 0 else True) for place, one in enumerate(pairs)]
    assert len(labels) == n_all


def test_an_answer_about_an_unknown_article_does_no_harm(published: Path) -> None:
    labels = [make_label("gone-1", "gone-2", True)]
    asked = find_label_pairs(published, SETTINGS, labels, 5)
    assert asked == find_label_pairs(published, SETTINGS, [], 5)


def test_asking_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="run"):
        find_label_pairs(tmp_path / "empty", SETTINGS, [], 5)


def test_questions_are_spread_over_the_weeks() -> None:
    rows = [
        make_row("a1", 1), make_row("a2", 1), make_row("a3", 1),
        make_row("b1", 2), make_row("undated", None), make_row("b2", 2),
    ]  # fmt: skip
    names = [one["name"] for one in spread_over_time(rows, 5)]
    assert names == ["a1", "b1", "undated", "a2", "b2"]


def test_questions_are_about_many_stories() -> None:
    rows = [
        make_row("x", 1, "sA", "sB"),
        make_row("again", 1, "sA", "sC"),
        make_row("inside", 1, "sD", "sD"),
        make_row("far", 2, "sB", "sE"),
    ]
    assert [one["name"] for one in spread_over_time(rows, 4)] == ["x", "inside", "again", "far"]


def test_answers_come_back_as_they_were_given(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    assert read_labels(file) == []
    given = [
        make_label("a", "b", True),
        make_label("a", "c", False, by="Grace Ünal\u2028Sr."),
        make_label("b", "c", None),
    ]
    for one in given:
        append_label(file, one)
    assert read_labels(file) == given
    assert list_decided(read_labels(file)) == given[:2]


def test_the_last_answer_to_a_pair_stands(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    append_label(file, make_label("a", "b", True))
    append_label(file, make_label("a", "b", False))
    assert [one.same for one in read_labels(file)] == [False]


@pytest.mark.parametrize("tail", ['{"left_id": "a", "ri', '{"left_id": "a"', "{", '"'])
def test_a_line_cut_off_by_a_crash_is_left_out_and_then_written_over(
    tmp_path: Path, tail: str
) -> None:
    file = tmp_path / "labels.jsonl"
    append_label(file, make_label("a", "b", True))
    file.write_text(file.read_text() + tail)
    assert [one.right_id for one in read_labels(file)] == ["b"]
    append_label(file, make_label("a", "c", False))
    assert [one.right_id for one in read_labels(file)] == ["b", "c"]
    assert tail + "\n" not in file.read_text()


def test_a_file_written_by_hand_without_a_last_line_end_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"left_id": "z", "right_id": "b", "same": true}')
    append_label(file, make_label("a", "c", False))
    first, second = read_labels(file)
    assert (first.left_id, first.right_id, first.same) == ("a", "c", False)
    assert (second.left_id, second.right_id, second.by) == ("b", "z", "unknown")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no json", "no answer"),
        ("[1, 2]", "no answer"),
        ('{"left_id": "a", "right_id": "b"}', "same is missing"),
        ('{"left_id": "a", "right_id": "a", "same": true}', "the same article"),
        ('{"left_id": "a", "right_id": 3, "same": true}', "right_id"),
        ('{"left_id": "a", "right_id": "b", "same": "yes"}', "'yes'"),
        ('{"left_id": "a", "right_id": "b", "same": true, "at": "soon"}', "soon"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "labels.jsonl"
    append_label(file, make_label("a", "b", True))
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(SourceError, match=f"labels.jsonl:2: .*{words}"):
        read_labels(file)
    append_label(tmp_path / "other.jsonl", make_label("a", "b", True))


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written"):
        append_label(tmp_path / "no folder" / "labels.jsonl", make_label("a", "b", True))
    with pytest.raises(SourceError, match="cannot be read"):
        read_labels(tmp_path)
