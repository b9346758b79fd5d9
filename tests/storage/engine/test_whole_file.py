from pathlib import Path

import pytest

from wirethread.storage.engine import whole_file
from wirethread.storage.engine.whole_file import write_small_file


def test_a_small_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_small_file(path, "før")
    path.chmod(0o600)
    write_small_file(path, b"efter")
    assert path.read_text(encoding="utf-8") == "efter"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["labels.jsonl"]


@pytest.mark.parametrize("is_lasting", [True, False])
def test_a_full_disk_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_lasting: bool
) -> None:
    path = tmp_path / "schedule.json"
    write_small_file(path, "old")

    def run_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.Path, "replace", run_full)
    with pytest.raises(OSError, match="No space left"):
        write_small_file(path, "new", is_lasting=is_lasting)
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["schedule.json"]


def test_a_file_that_its_reader_would_refuse_is_not_put_in_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    write_small_file(path, "good")

    def refuse(draft: Path) -> None:
        assert draft.read_text(encoding="utf-8") == "bad"
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        write_small_file(path, "bad", check=refuse)
    assert path.read_text(encoding="utf-8") == "good"
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]
