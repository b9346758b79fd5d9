"""Names of runs."""

import os
from datetime import UTC, datetime

__all__ = ["name_run"]


def name_run() -> str:
    """Return an id that sorts by time and that no other process gives."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z-{os.getpid()}"
