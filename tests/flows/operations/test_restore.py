"""What a backup lacked is made again when it is restored."""

from pathlib import Path

from tests.flows.driving import (
    FIRST_DAY,
    hashing_settings,
    read_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.flows.operations.restore import restore
from wirethread.storage.upkeep.backup import back_up
from wirethread.storage.upkeep.verification import verify_folder


def test_vectors_that_were_damaged_when_the_backup_was_made_are_made_again(tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path / "data")
    run_plainly([write_lines(tmp_path / "news.jsonl", sample_rows(FIRST_DAY))], settings)
    digest = read_digest(settings.data_folder)
    (file,) = Path(settings.data_folder, "vectors").iterdir()
    spoiled = bytearray(file.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    file.write_bytes(spoiled)
    assert back_up(settings.data_folder, tmp_path / "backup").lost == (file.name,)
    assert list((tmp_path / "backup" / "vectors").iterdir()) == []
    new = hashing_settings(tmp_path / "new")
    done = restore(new, tmp_path / "backup")
    assert done.n_made_again > 0
    assert done.waits_for is None
    assert verify_folder(new.data_folder).is_fine
    assert read_digest(new.data_folder) == digest
    back_up(new.data_folder, tmp_path / "whole")
    assert restore(settings, tmp_path / "whole", force=True).n_made_again == 0
    assert verify_folder(settings.data_folder).is_fine
