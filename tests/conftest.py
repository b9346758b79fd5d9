"""What several packages' tests share: the shipped sample, and one Prefect harness a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.driving import SAMPLE, hashing_settings, run_plainly


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
