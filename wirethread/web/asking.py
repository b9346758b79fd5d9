"""Parameters that several pages share, under the names of the command line and of Python."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request

from wirethread.moments import to_moment
from wirethread.web.problems import ProblemError

__all__ = [
    "Agency",
    "Asked",
    "Limit",
    "Next",
    "Outlet",
    "Since",
    "Until",
    "blank",
    "decode_next",
    "encode_next",
    "read_asked",
    "read_moment",
]

Limit = Annotated[int, Query(ge=1, le=1_000, description="How many to show.")]
Since = Annotated[
    str | None, Query(description="From this day or time on (UTC), such as 2024-03-11.")
]
Until = Annotated[str | None, Query(description="Before this day or time (UTC).")]
Outlet = Annotated[str | None, Query(description="Only this outlet.")]
Agency = Annotated[str | None, Query(description="Only with copy of this agency.")]
Next = Annotated[
    str | None,
    Query(description="The `next` of the answer before: what follows it. Opaque."),
]


class Asked(dict[str, str]):
    """The query string as it was asked; what is not in it is empty."""

    def __missing__(self, name: str) -> str:
        """Return nothing."""
        return ""


def read_asked(request: Request) -> Asked:
    """Return the query string without empty parameters."""
    return Asked({name: value for name, value in request.query_params.items() if value})


def read_moment(text: str | None, name: str) -> datetime | None:
    """Return a day or time of the query string; an empty one is none, as forms send it."""
    return to_moment(text, name) if text and text.strip() else None


def blank(text: str | None) -> str | None:
    """Return a word of the query string; an empty one is none, as forms send it."""
    return text.strip() if text and text.strip() else None


def encode_next(place: Sequence[Any] | None) -> str | None:
    """Return where a list goes on as one opaque word, None at its end."""
    if place is None:
        return None
    packed = json.dumps(place, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_next(word: str | None, *kinds: type) -> list[Any] | None:
    """Return what `encode_next` packed. Raises `ProblemError` for anything else."""
    if word is None or not word:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (ValueError, binascii.Error):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != len(kinds)
        or not all(type(one) is kind for one, kind in zip(place, kinds, strict=True))
        or any(isinstance(one, int) and not -(2**63) <= one < 2**63 for one in place)
        or any(isinstance(one, float) and not math.isfinite(one) for one in place)
    ):
        raise ProblemError(422, "next: this is no place in this list")
    return place
