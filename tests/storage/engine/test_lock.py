import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wirethread.articles.errors import RunInProgressError, StorageError
from wirethread.storage.engine.lock import hold_run_lock, try_run_lock

HOLDER = (
    "import sys, time; from wirethread.storage.engine.lock import hold_run_lock, try_run_lock\n"
    "with hold_run_lock(sys.argv[1]):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)


def start_holder(folder: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.stdout.close()
    return holder


def test_a_second_run_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    try:
        begun = time.monotonic()
        with (
            pytest.raises(RunInProgressError, match=rf"another run \(process {holder.pid}\)"),
            hold_run_lock(tmp_path, wait_seconds=0.3),
        ):
            pass
        assert 0.3 <= time.monotonic() - begun < 5
    finally:
        holder.kill()
        holder.wait()


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with hold_run_lock(tmp_path):
        assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n"
    with hold_run_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(StorageError, match="cannot write in the data folder"),
        hold_run_lock(tmp_path / "file"),
    ):
        pass


@pytest.mark.parametrize("stands", ["empty folder", "folder", "link", "dead link", "pipe"])
def test_what_stands_in_the_place_of_the_lock_gives_way_and_is_not_followed(
    tmp_path: Path, stands: str
) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    lock = data / "run.lock"
    if stands == "pipe":
        os.mkfifo(lock)
    elif "link" in stands:
        lock.symlink_to(elsewhere)
        if stands == "link":
            elsewhere.write_text("somebody's")
    else:
        lock.mkdir()
        if stands == "folder":
            (lock / "kept").write_text("somebody's")
    with try_run_lock(data) as is_free:
        assert is_free
    with hold_run_lock(data):
        assert lock.is_file()
        assert not lock.is_symlink()
        with pytest.raises(RunInProgressError), hold_run_lock(data):
            pass
    if stands == "link":
        assert elsewhere.read_text() == "somebody's"
    else:
        assert not elsewhere.exists()
    if stands == "folder":
        (kept,) = data.glob("damaged-*/run.lock/kept")
        assert kept.read_text() == "somebody's"
