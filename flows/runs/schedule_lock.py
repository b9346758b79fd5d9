"""Whether a process serves the schedule of a data folder: it holds a lock while it does."""

import fcntl
import os
from pathlib import Path

__all__ = ["SCHEDULE_LOCK", "is_schedule_served"]

SCHEDULE_LOCK = "schedule.lock"


def is_schedule_served(folder: str | Path) -> bool:
    """Tell whether a `wirethread schedule` of this folder is running on this machine."""
    try:
        descriptor = os.open(Path(folder) / SCHEDULE_LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system that knows no locks
        return False
    finally:
        os.close(descriptor)
    return False
