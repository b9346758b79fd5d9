"""How a passage spread: outlets over time, as steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from markupsafe import Markup

__all__ = ["draw_spread"]

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 190, 44, 28


def draw_spread(moments: Sequence[datetime], *, title: str) -> Markup:
    """Return the number of outlets that had it, over time; `moments` one an outlet, ascending."""
    if len(moments) < 2 or moments[0] == moments[-1]:
        return Markup("")
    first, last = moments[0], moments[-1]
    span = (last - first).total_seconds()
    inner = WIDTH - LEFT - 16

    def x_of(moment: datetime) -> float:
        return LEFT + inner * (moment - first).total_seconds() / span

    def y_of(count: int) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 16) * count / len(moments)

    path = f"M{LEFT} {y_of(0):.1f}"
    dots = []
    for count, moment in enumerate(moments, 1):
        path += f"H{x_of(moment):.1f}V{y_of(count):.1f}"
        dots.append(f'<circle cx="{x_of(moment):.1f}" cy="{y_of(count):.1f}" r="3.5"/>')
    path += f"H{WIDTH - 16}"
    ticks = "".join(
        f'<text x="{LEFT + inner * part:.0f}" y="{HEIGHT - 8}"'
        f' text-anchor="{"start" if part == 0 else "end" if part == 1 else "middle"}">'
        f"{_say_time(first, span * part)}</text>"
        for part in (0, 0.5, 1)
    )
    return Markup(  # noqa: S704 - numbers, times, and a title that is escaped
        f'<svg class="spread" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH}'
        f' {HEIGHT}"><title>{escape(title)}</title>'
        f'<path class="axis" d="M{LEFT} 8V{HEIGHT - BOTTOM}H{WIDTH - 8}"/>'
        f'<text x="{LEFT - 8}" y="{y_of(len(moments)) + 5:.0f}" text-anchor="end">'
        f"{len(moments)}</text>"
        f'<text x="{LEFT + 8}" y="16">outlets that had it</text>'
        f'<text x="{LEFT - 8}" y="{y_of(0) + 2:.0f}" text-anchor="end">0</text>'
        f'<path class="steps" d="{path}"/>{"".join(dots)}{ticks}</svg>'
    )


def _say_time(first: datetime, seconds: float) -> str:
    if seconds == 0:
        return f"{first.day} {first:%b %H:%M}"
    after = timedelta(seconds=seconds)
    if after < timedelta(hours=2):
        return f"+{after.total_seconds() / 60:.0f} min"
    if after < timedelta(days=3):
        return f"+{after.total_seconds() / 3600:.1f} h"
    return f"+{after.total_seconds() / 86400:.1f} days"
