"""Articles of our own making, and a fresh catalog."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.catalog import Catalog
from tests.storage.making import RUN


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog.open(tmp_path / "data") as opened:
        opened.begin_run(RUN, ["news.jsonl"], "{}")
        yield opened
