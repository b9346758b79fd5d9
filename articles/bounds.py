"""Refuse a setting outside its bounds, naming it."""

import math

__all__ = ["require_between"]


def require_between(settings: object, low: float, high: float, *names: str) -> None:
    """Raise `ValueError` naming the first of the attributes outside `low` to `high` (inclusive)."""
    for name in names:
        value = getattr(settings, name)
        if not low <= value <= high:
            limit = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
            raise ValueError(f"{name} must be {limit}, not {value}")
