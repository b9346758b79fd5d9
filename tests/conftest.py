"""What several packages' tests share: the shipped sample, and one Prefect harness a session."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.driving import SAMPLE, hashing_settings, run_plainly

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the whole sample in it, made with the `hashing` model. Only to read."""
    folder = tmp_path_factory.mktemp("published")
    run_plainly([SAMPLE], hashing_settings(folder))
    return folder


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of this session's own: it takes some seconds to start."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
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
    here = tmp_path_factory.mktemp("demo")
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
    seconds = time.monotonic() - begun
    return Demo(here / "wirethread-demo", done.returncode, done.stdout, done.stderr, seconds)
