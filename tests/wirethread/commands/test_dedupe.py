"""`wirethread dedupe`: files in, the same records without copies out."""

import csv
import json
from pathlib import Path

import pytest

from tests.flows.driving import write_lines
from tests.wirethread.calling import call

STORM = "A storm tore roofs off houses along the coast on Friday and left two towns without power."
VOTE = "Lawmakers voted on Friday to put off the tax on fuel until the end of the coming year."


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return write_lines(
        tmp_path / "texts.jsonl",
        [
            {"text": STORM, "label": 3, "tags": ["a"]},
            {"text": VOTE, "empty": None},
            {"text": STORM.lower(), "label": 4},
            "{broken",
            {"label": 5},
            {"text": None, "label": 6},
        ],
    )


def read_lines(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_is_kept_keeps_every_field_it_had(records: Path, tmp_path: Path) -> None:
    call("dedupe", records, "--keep", tmp_path / "kept.jsonl", "--threshold", ".7")
    assert read_lines(tmp_path / "kept.jsonl") == [
        {"text": STORM, "label": 3, "tags": ["a"]},
        {"text": VOTE, "empty": None},
        {"text": None, "label": 6},
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.jsonl", "texts.jsonl"]


def test_programs_are_told_of_which_record_each_is_a_copy_and_what_could_not_be_read(
    records: Path,
) -> None:
    told = call("dedupe", records, "--json").json()
    assert told["dropped"] == [
        {
            "source": f"{records}:3",
            "kept_source": f"{records}:1",
            "score": 1.0,
            "reason": "the same words, written otherwise",
        }
    ]
    assert [one["source"] for one in told["rejected"]] == [f"{records}:4", f"{records}:5"]
    del told["dropped"], told["rejected"]
    assert told == {
        "n_records": 4,
        "n_kept": 3,
        "n_dropped": 1,
        "n_rejected": 2,
        "duplicate_share": 0.25,
        "threshold": 0.7,
        "kept_file": None,
    }


def test_people_see_what_was_left_out_and_why(records: Path) -> None:
    told = " ".join(call("dedupe", records).out.split())
    assert "4 records: 3 kept, 1 left out as copies (25.0%), 2 could not be read" in told
    assert "texts.jsonl:3 texts.jsonl:1 1.00 the same words, written otherwise" in told


def test_copies_are_found_across_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "a.jsonl", [{"text": STORM}])
    (tmp_path / "in" / "b.txt").write_text(f"Storm\n{STORM}\n", encoding="utf-8")
    write_lines(tmp_path / "c.jsonl", [{"text": STORM}, {"text": VOTE}])
    told = call("dedupe", tmp_path / "in", tmp_path / "c.jsonl", "--json").json()
    assert (told["n_records"], told["n_kept"]) == (4, 2)


def test_the_column_of_a_table_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["kop", "tekst"], ["a", STORM], ["b", STORM], ["c", VOTE]])
    call("dedupe", path, "--key", "tekst", "--keep", tmp_path / "kept.jsonl")
    assert read_lines(tmp_path / "kept.jsonl") == [
        {"kop": "a", "tekst": STORM},
        {"kop": "c", "tekst": VOTE},
    ]
    told = call("dedupe", path)
    assert (told.code, told.out) == (1, "")
    assert "name the column of the text with --key" in told.err


def test_what_is_kept_may_go_to_standard_output(records: Path) -> None:
    lines = call("dedupe", records, "--keep", "-").out.splitlines()
    assert [json.loads(line).get("label") for line in lines] == [3, None, 6]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--threshold", "2"], "threshold must be 0.3 to 1, not 2"),
        (["--keep", "texts.jsonl"], "texts.jsonl is read too; name another file"),
        (["--keep", "nowhere/kept.jsonl"], "there is no folder nowhere"),
        (["--keep", "-", "--json"], "both write to standard output"),
    ],
)
def test_a_mistake_is_one_line_and_changes_nothing(
    records: Path, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(records.parent)
    before = records.read_bytes()
    told = call("dedupe", records, *options)
    assert (told.code, told.out) == (2, "")
    assert words in told.err
    assert told.err.count("\n") == 1
    assert records.read_bytes() == before
