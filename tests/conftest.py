"""What several packages' tests share: the shipped sample, and one Prefect harness a session."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

# Workers share the cores: threads of one that wait for the other's turn only burn time. Libraries
# read these when they are loaded, so nothing that loads them is imported on top here.
for pool in ("OMP", "OPENBLAS", "MKL", "RAYON"):
    os.environ.setdefault(f"{pool}_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]


MEMORY = Path("/dev/shm")
LEAST_MEMORY_BYTES = 4 * 2**30


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is room: they wait for no disk."""
    if config.option.basetemp is not None or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= LEAST_MEMORY_BYTES:
        config.option.basetemp = str(MEMORY / f"wirethread-tests-{os.getuid()}-{os.getpid()}")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first worker that asks for it makes, and all others only read."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the whole sample in it, made with the `hashing` model. Only to read."""

    def make(folder: Path) -> None:
        from tests.flows.driving import SAMPLE, hashing_settings, run_plainly

        run_plainly([SAMPLE], hashing_settings(folder))

    return make_once(tmp_path_factory, "published", make)


@pytest.fixture(autouse=True, scope="session")
def one_database_thread() -> Iterator[None]:
    """One thread a database: most of those in tests hold too little for two."""
    from wirethread.storage.engine.database import StorageSettings

    plain = StorageSettings.as_options
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            StorageSettings, "as_options", lambda settings: {**plain(settings), "threads": "1"}
        )
        yield


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of this session's own: it takes some seconds to start."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(autouse=True, scope="session")
def ready_catalogs(
    tmp_path_factory: pytest.TempPathFactory, one_database_thread: None
) -> Iterator[None]:
    """Begin new catalogs as copies of an empty one: to make its tables takes ten times as long."""
    from wirethread.storage import catalog
    from wirethread.storage.engine import migrations

    open_writer, list_migrations = catalog.open_writer, migrations.list_migrations

    def make(folder: Path) -> None:
        catalog.Catalog.open(folder).close()

    empty = make_once(tmp_path_factory, "empty", make) / catalog.CATALOG_FILE

    def open_ready(path: Path, settings: Any) -> Any:
        is_usual = migrations.list_migrations is list_migrations
        if is_usual and not path.exists() and not list(path.parent.glob(f"{path.name}*")):
            with suppress(OSError):
                shutil.copy(empty, path)
        return open_writer(path, settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "open_writer", open_ready)
        yield


@dataclass(frozen=True)
class Demo:
    """What `wirethread demo` printed, and the data folder that it left."""

    folder: Path
    code: int
    out: str
    err: str
    seconds: float


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo as a user runs it: the sample, the default model, a Prefect server of its own."""
    here = make_once(tmp_path_factory, "demo", run_demo)
    told = json.loads((here / "told.json").read_text(encoding="utf-8"))
    return Demo(**{**told, "folder": Path(told["folder"])})


def run_demo(here: Path) -> None:
    """Run the demo in a folder and keep there what it told."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", "from wirethread.cli import main; main()", "demo"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    told = Demo(
        folder=here / "wirethread-demo",
        code=done.returncode,
        out=done.stdout,
        err=done.stderr,
        seconds=time.monotonic() - begun,
    )
    (here / "told.json").write_text(json.dumps(asdict(told), default=str), encoding="utf-8")


# What the sample asks for and the shipped settings do not reach yet. Each stays a test, so that it
# shows when it does.
SHORTFALLS = {
    "test_uncredited_copies_are_shown_as_wire_copy": "two articles reword only and credit nobody",
    "test_no_story_cluster_holds_two_happenings": "days of one quake share a story cluster",
    "test_look_alikes_stay_apart[markets-monday and markets-tuesday]": "two market reports join",
    "test_the_earthquake_is_one_thread_over_three_days": "two feature articles stand alone",
    "test_independent_sources_are_counted_once_a_copy[quake-inquiry]": "its cluster is divided",
    "test_independent_sources_are_counted_once_a_copy[markets-tuesday]": "its cluster is divided",
}


# Tests that make a whole run, start the program, or kill it: `make test-quick` leaves them out.
PIPELINE = (
    "flows",
    "wirethread",
    "storage/upkeep",
    "storage/test_killed.py",
    "test_docs.py",
    "test_packaging.py",
    "test_shown.py",
    "test_sample.py",
)


def is_pipeline(path: Path) -> bool:
    """Return whether a file or folder of tests is one of whole runs."""
    here = Path(__file__).parent
    return path.is_relative_to(here) and any(
        path.is_relative_to(here / place) for place in PIPELINE
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files unread all of whose tests `-m` leaves out: reading them takes seconds."""
    left_out = set(re.findall(r"not (\w+)", config.option.markexpr))
    is_browser = collection_path.is_relative_to(Path(__file__).parent / "wirethread/browser")
    if " or " in config.option.markexpr:
        return None
    if ("pipeline" in left_out and is_pipeline(collection_path)) or (
        "browser" in left_out and is_browser
    ):
        return True
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the tests that need a library which is not installed."""
    for mark in item.iter_markers("needs"):
        if find_spec(mark.args[0]) is None:
            pytest.skip(f"{mark.args[0]} is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the whole pipeline, and the known shortfalls on the sample."""
    for item in items:
        if is_pipeline(item.path):
            item.add_marker(pytest.mark.pipeline)
        if item.path.name == "test_sample.py" and item.name in SHORTFALLS:
            item.add_marker(pytest.mark.xfail(reason=SHORTFALLS[item.name], strict=True))
