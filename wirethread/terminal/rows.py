"""Rows of any number, one JSON object a line, written as they come."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from wirethread.articles.printable import escape_unseen

__all__ = ["print_rows"]


def print_rows(rows: Iterable[Any]) -> None:
    """Write each row as one JSON object on a line of its own."""
    from wirethread.as_json import to_plain  # noqa: PLC0415 - it imports numpy; help answers at once

    for row in rows:
        sys.stdout.write(escape_unseen(json.dumps(to_plain(row), ensure_ascii=False)) + "\n")
    sys.stdout.flush()
