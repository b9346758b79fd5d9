"""The timeline of a story: a lane an outlet, a dot an article, an arc for copy on its way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from markupsafe import Markup

__all__ = ["Arc", "Dot", "draw_timeline"]

WIDTH, LEFT, RIGHT, TOP, LANE, RADIUS = 1000, 200, 24, 34, 34, 9
LANES_SHOWN = 40
_STEPS = (
    timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6),
    timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=7),
    timedelta(days=30), timedelta(days=91), timedelta(days=365),
)  # fmt: skip
_MOST_TICKS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """An article: when and where, whose words, and what is marked on it."""

    key: str
    lane: str
    moment: datetime
    css: str
    letter: str
    share: float
    """How much of it is that source's, 0 to 1."""
    words: str
    href: str
    mark: str = ""
    """A letter above the dot, such as C for a correction."""
    is_vague: bool = False
    """Whether only the day is known; such a dot stands at noon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """Copy from one dot to another."""

    origin: str
    place: str
    css: str
    weight: float
    """0 to 1."""
    words: str


def draw_timeline(dots: Sequence[Dot], arcs: Sequence[Arc], *, title: str) -> Markup:
    """Return the drawing; lanes stand in the order of their first dot."""
    lanes: dict[str, int] = {}
    for dot in dots:
        lanes.setdefault(dot.lane, len(lanes))
    shown = [dot for dot in dots if lanes[dot.lane] < LANES_SHOWN]
    if not shown:
        return Markup("")
    first, last = min(dot.moment for dot in shown), max(dot.moment for dot in shown)
    span = max((last - first).total_seconds(), 1.0)
    n_lanes = min(len(lanes), LANES_SHOWN)
    height = TOP + n_lanes * LANE + 10
    places: dict[str, tuple[float, float]] = {}
    taken: dict[str, float] = {}  # how far, by lane
    for dot in sorted(shown, key=lambda one: one.moment):
        inner = WIDTH - LEFT - RIGHT - 2 * RADIUS
        x = LEFT + RADIUS + inner * ((dot.moment - first).total_seconds() / span)
        y = TOP + lanes[dot.lane] * LANE + LANE / 2
        before = taken.get(dot.lane)
        if before is not None and x < before + 2 * RADIUS + 1:
            x = before + 2 * RADIUS + 2  # side by side rather than one upon the other
        taken[dot.lane] = x
        places[dot.key] = (min(x, WIDTH - RADIUS - 2), y)
    parts = [
        f'<svg class="timeline" role="group" aria-label="{escape(title)}"'
        f' viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f"<title>{escape(title)}</title>",
        *_draw_axis(first, last, span, height),
        *_draw_lanes(list(lanes)[:n_lanes]),
        *_draw_arcs(arcs, places),
        *(_draw_dot(dot, places[dot.key]) for dot in shown),
        "</svg>",
    ]
    return Markup("".join(parts))  # noqa: S704 - words from outside are escaped where they enter


def _draw_axis(first: datetime, last: datetime, span: float, height: int) -> list[str]:
    step = next((one for one in _STEPS if (last - first) / one <= _MOST_TICKS), _STEPS[-1])
    day = first.replace(hour=0, minute=0, second=0, microsecond=0)
    tick = day + math.ceil((first - day) / step) * step
    parts = []
    inner = WIDTH - LEFT - RIGHT - 2 * RADIUS
    while tick <= last:
        x = LEFT + RADIUS + inner * ((tick - first).total_seconds() / span)
        is_day = tick.hour == tick.minute == 0
        words = f"{tick.day} {tick:%b}" if is_day else f"{tick:%H:%M}"
        parts.append(
            f'<path class="tick{" day" if is_day else ""}" d="M{x:.1f} {TOP - 8}V{height - 6}"/>'
            f'<text class="tick{" day" if is_day else ""}" x="{x:.1f}" y="{TOP - 14}"'
            f' text-anchor="middle">{words}</text>'
        )
        tick += step
    return parts


def _draw_lanes(names: Sequence[str]) -> list[str]:
    parts = []
    for i, name in enumerate(names):
        y = TOP + i * LANE + LANE / 2
        short = name if len(name) <= 25 else name[:24] + "…"
        parts.append(
            f'<path class="lane" d="M{LEFT} {y:.1f}H{WIDTH - 4}"/>'
            f'<text class="lane" x="{LEFT - 12}" y="{y + 4.5:.1f}" text-anchor="end">'
            f"{escape(short)}</text>"
        )
    return parts


def _draw_arcs(arcs: Sequence[Arc], places: Mapping[str, tuple[float, float]]) -> list[str]:
    parts = []
    for arc in arcs:
        if arc.origin not in places or arc.place not in places:
            continue
        (x1, y1), (x2, y2) = places[arc.origin], places[arc.place]
        bend = max(abs(x2 - x1) * 0.5, 30.0)
        parts.append(
            f'<path class="arc {arc.css}" stroke-width="{1.2 + 2.4 * arc.weight:.1f}"'
            f' d="M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f}'
            f' {x2:.1f} {y2:.1f}"><title>{escape(arc.words)}</title></path>'
        )
    return parts


def _draw_dot(dot: Dot, place: tuple[float, float]) -> str:
    x, y = place
    pie = ""
    if dot.share >= 0.995:
        pie = f'<circle class="full" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>'
    elif dot.share > 0:
        angle = 2 * math.pi * dot.share
        a, b = x + RADIUS * math.sin(angle), y - RADIUS * math.cos(angle)
        pie = (
            f'<path class="full" d="M{x:.1f} {y:.1f}V{y - RADIUS:.1f}A{RADIUS} {RADIUS} 0'
            f' {int(angle > math.pi)} 1 {a:.1f} {b:.1f}Z"/>'
        )
    letter = (
        f'<text class="letter" x="{x:.1f}" y="{y + 3.6:.1f}" text-anchor="middle">'
        f"{escape(dot.letter)}</text>"
        if dot.letter
        else ""
    )
    mark = (
        f'<text class="mark" x="{x:.1f}" y="{y - RADIUS - 2:.1f}" text-anchor="middle">'
        f"{escape(dot.mark)}</text>"
        if dot.mark
        else ""
    )
    css = f"{dot.css}{' half' if dot.share < 0.995 else ''}"
    ring = f"ring{' vague' if dot.is_vague else ''}"
    return (
        f'<a href="{escape(dot.href)}" class="{css}">'
        f"<title>{escape(dot.words)}</title>"
        f'<circle class="{ring}" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>{pie}{letter}{mark}</a>'
    )
