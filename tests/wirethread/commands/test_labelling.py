"""`wirethread label` and `wirethread calibrate`, from the command line to the files."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.flows.driving import SAMPLE, sample_rows, write_lines
from tests.wirethread.calling import Answer, call, call_apart
from wirethread.flows.evaluation.labels_file import read_labels
from wirethread.flows.settings.config import load_settings

STORIES = json.loads((SAMPLE.parent / "truth.json").read_text(encoding="utf-8"))["stories"]
STORY_OF = {one: story for story, members in STORIES.items() for one in members}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [{**row, "story": STORY_OF[row["id"]]} for row in sample_rows() if row["id"] in STORY_OF]
    return write_lines(tmp_path / "labelled.jsonl", rows)


@pytest.fixture
def strict_config(hashing_config: Path) -> Path:
    """Settings under which stories fall apart."""
    hashing_config.write_text("# ours\nembedding:\n  model: hashing\nstories:\n  threshold: 0.6\n")
    return hashing_config


def call_with(typed: str, *arguments: str | Path) -> Answer:
    """Run the command with an input piped in."""
    before = sys.stdin
    sys.stdin = io.StringIO(typed)
    try:
        return call(*arguments)
    finally:
        sys.stdin = before


@pytest.mark.usefixtures("shown")
def test_label_asks_stores_and_tells(labels: Path) -> None:
    asked = call("label", "--labels", labels, "--limit", "3", "--json").json()
    assert not labels.exists()
    answer = call_with("y\nno\ns\n", "label", "--labels", labels, "--limit", "3", "--by", "Ada")
    assert answer.code == 0, answer.err
    for pair in asked:
        for side in ("left", "right"):
            assert pair[side]["headline"] in " ".join(answer.out.split())
            assert pair[side]["outlet"] in answer.out
            assert pair[side]["opening"][:40] in answer.out
    assert "1 of one story, 1 of two, 1 skipped" in answer.out
    found = {(one.left_id, one.right_id): one for one in read_labels(labels)}
    given = [
        found[min(ids), max(ids)]
        for pair in asked
        if (ids := [pair["left"]["article_id"], pair["right"]["article_id"]])
    ]
    assert [one.same for one in given] == [True, False, None]
    assert {one.by for one in given} == {"Ada"}


@pytest.mark.usefixtures("shown")
def test_label_does_not_show_what_the_settings_think(labels: Path) -> None:
    out = call_with("q\n", "label", "--labels", labels, "--limit", "5").out
    (pair, *_) = call("label", "--labels", labels, "--limit", "5", "--json").json()
    assert f"{pair['score']:.2f}" not in out
    assert "together" not in out


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("typed", ["y\nq\n", "y\n", "y\nQuit\nn\n"])
def test_label_stops_at_q_and_at_the_end_of_the_input(labels: Path, typed: str) -> None:
    answer = call_with(typed, "label", "--labels", labels, "--limit", "4")
    assert answer.code == 0
    assert len(read_labels(labels)) == 1
    assert "1 of one story, 0 of two, 0 skipped" in answer.out


@pytest.mark.usefixtures("shown")
def test_label_asks_again_where_the_answer_is_none_of_those_offered(labels: Path) -> None:
    answer = call_with("maybe\n\nY\nq\n", "label", "--labels", labels, "--limit", "2")
    assert answer.out.count("Do they tell one story?") == 4
    assert [one.same for one in read_labels(labels)] == [True]


@pytest.mark.usefixtures("shown")
def test_label_goes_on_where_it_stopped_until_nothing_is_left(labels: Path) -> None:
    first = call("label", "--labels", labels, "--limit", "5", "--json").json()
    call_with("y\n" * 5, "label", "--labels", labels, "--limit", "5")
    second = call("label", "--labels", labels, "--limit", "5", "--json").json()
    assert not {json.dumps(one) for one in first} & {json.dumps(one) for one in second}
    call_with("n\n" * 1_000, "label", "--labels", labels, "--limit", "1000")
    answer = call("label", "--labels", labels)
    assert "No pair of story clusters is left" in answer.out


def test_label_keeps_answers_with_the_data_where_no_file_is_named(
    published: Path, tmp_path: Path
) -> None:
    import shutil

    mine = tmp_path / "mine"
    shutil.copytree(published, mine)
    call_with("n\nq\n", "label", "--data", mine, "--limit", "2")
    assert len(read_labels(mine / "labels.jsonl")) == 1


def test_label_without_data_says_what_to_do(tmp_path: Path) -> None:
    answer = call("label", "--data", tmp_path / "none")
    assert answer.code == 3
    assert answer.err.startswith("wirethread: ")


@pytest.mark.thorough
@pytest.mark.usefixtures("shown")
def test_answers_survive_a_closed_terminal(labels: Path, hashing_config: Path) -> None:
    code = (
        "import io, sys; sys.stdin = io.StringIO('y\\nn\\n');"
        "from wirethread.cli import main; main()"
    )
    answer = call_apart("label", "--labels", labels, "--limit", "9", python=code)
    assert answer.code == 0, answer.err
    assert len(read_labels(labels)) == 2


@pytest.mark.usefixtures("strict_config")
def test_calibrate_reports_and_changes_nothing(labelled: Path, strict_config: Path) -> None:
    before = strict_config.read_text()
    table = call("calibrate", "--stories", labelled)
    assert table.code == 0, table.err
    assert "cross-checked" in table.out
    assert "threshold" in table.out
    assert "Nothing is changed; --write" in table.out
    answer = call("calibrate", "--stories", labelled, "--json").json()
    assert answer["written_to"] is None
    result = answer["calibration"]
    assert result["after"]["value"] > result["before"]["value"]
    assert result["present"]["threshold"] == 0.6
    assert len(result["folds"]) == 5
    assert strict_config.read_text() == before


@pytest.mark.thorough
def test_calibrate_writes_only_where_told_and_keeps_the_rest(
    labelled: Path, strict_config: Path
) -> None:
    answer = call("calibrate", "--stories", labelled, "--write", strict_config, "--json").json()
    assert answer["written_to"] == str(strict_config)
    settings = load_settings(strict_config)
    for name, value in answer["calibration"]["proposed"].items():
        assert getattr(settings.stories, name) == value
    assert settings.embedding.model == "hashing"
    assert strict_config.read_text().startswith("# ours\n")


@pytest.mark.usefixtures("shown")
def test_calibrate_learns_from_what_label_stored(labels: Path, strict_config: Path) -> None:
    sources = {
        row["article_id"]: row["source_id"]
        for row in call("sql", "SELECT article_id, source_id FROM articles", "--json").json()
    }
    pairs = call("label", "--labels", labels, "--limit", "500", "--json").json()
    typed = ""
    for pair in pairs:
        left, right = (sources[pair[side]["article_id"]] for side in ("left", "right"))
        same = STORY_OF.get(left, left) == STORY_OF.get(right, right)
        typed += "y\n" if same else "n\n"
    call_with(typed, "label", "--labels", labels, "--limit", "500")
    assert len(read_labels(labels)) == len(pairs)
    answer = call("calibrate", "--labels", labels)
    if answer.code == 0:
        assert f"{len(pairs)} labelled pairs" in answer.out
    else:
        assert "hang together" in answer.err or "too little" in answer.err


@pytest.mark.usefixtures("shown")
def test_calibrate_on_little_says_so_and_writes_nothing(labels: Path, strict_config: Path) -> None:
    before = strict_config.read_text()
    call_with("y\n" * 3, "label", "--labels", labels, "--limit", "3")
    answer = call("calibrate", "--labels", labels, "--write", strict_config)
    assert answer.code == 1
    assert "3 pairs of one story and 0 of two" in answer.err
    assert "nothing is changed" in answer.err
    assert strict_config.read_text() == before


def test_calibrate_wants_one_kind_of_labels(labelled: Path) -> None:
    both: list[str | Path] = ["--labels", labelled, "--stories", labelled]
    for arguments in ([], both):
        answer = call("calibrate", *arguments)
        assert answer.code == 2
        assert "either --labels FILE or --stories FILE" in answer.err


@pytest.mark.thorough
def test_calibrate_that_finds_nothing_better_writes_nothing(
    labelled: Path, hashing_config: Path
) -> None:
    first = call("calibrate", "--stories", labelled, "--write", hashing_config, "--json").json()
    text = hashing_config.read_text()
    if first["written_to"] is None:
        assert text == "embedding:\n  model: hashing\n"
        shown = call("calibrate", "--stories", labelled, "--write", hashing_config).out
        assert "nothing is changed" in shown
