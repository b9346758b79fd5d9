"""Shares by day as a line of columns."""

from collections.abc import Sequence
from datetime import date
from html import escape

from markupsafe import Markup

__all__ = ["draw_days", "heat_class"]

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 180, 44, 26
_STEPS = 5


def heat_class(share: float, most: float) -> str:
    """Return the class of a cell, `h0` to `h5`, by its part of the greatest share."""
    if share <= 0 or most <= 0:
        return "h0"
    return f"h{min(_STEPS, 1 + int(share / most * _STEPS * 0.999))}"


def draw_days(days: Sequence[tuple[date, float, int]], *, title: str) -> Markup:
    """Return a column a day, as high as the share (0 to 1); many days are joined into weeks."""
    if not days:
        return Markup("")
    first, last = days[0][0], days[-1][0]
    n_days = (last - first).days + 1
    width_days = 1 if n_days <= 120 else 7 if n_days <= 840 else 30
    sums: dict[int, tuple[float, int]] = {}
    for day, share, n in days:
        slot = (day - first).days // width_days
        before = sums.get(slot, (0.0, 0))
        sums[slot] = (before[0] + share * n, before[1] + n)
    n_slots = max(sums) + 1
    step = (WIDTH - LEFT - 8) / n_slots
    room = HEIGHT - BOTTOM - 12
    drawn = []
    for slot, (total, n) in sums.items():
        share = total / max(n, 1)
        height = max(room * share, 1)
        words = f"{first.fromordinal(first.toordinal() + slot * width_days)}: {share:.0%} of {n}"
        drawn.append(
            f'<rect x="{LEFT + slot * step:.1f}" y="{12 + room - height:.1f}"'
            f' width="{max(min(step - 1, 40), 1):.1f}" height="{height:.1f}">'
            f"<title>{words}</title></rect>"
        )
    axis = "".join(
        f'<path class="axis" d="M{LEFT} {12 + room * (1 - part):.1f}H{WIDTH - 8}"/>'
        f'<text x="{LEFT - 8}" y="{12 + room * (1 - part) + 4:.1f}" text-anchor="end">'
        f"{part:.0%}</text>"
        for part in (0, 0.5, 1)
    )
    ends = (
        f'<text x="{LEFT}" y="{HEIGHT - 6}">{first.day} {first:%b %Y}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">{last.day} {last:%b %Y}</text>'
    )
    return Markup(  # noqa: S704 - numbers, days, and a title that is escaped
        f'<svg class="spread" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH}'
        f' {HEIGHT}"><title>{escape(title)}</title>{axis}<g class="columns">{"".join(drawn)}</g>'
        f"{ends}</svg>"
    )
