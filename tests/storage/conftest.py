from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.making import RUN
from wirethread.storage.catalog import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A fresh catalog in which a run has begun."""
    with Catalog.open(tmp_path / "data") as opened:
        opened.runs.begin_run(RUN, ["news.jsonl"], "{}")
        yield opened
