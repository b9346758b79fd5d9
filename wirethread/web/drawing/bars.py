"""Bars of shares and small curves. Sizes are attributes: the policy allows no style inline."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

__all__ = ["BarPart", "draw_bar", "draw_curve"]

WIDTH = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPart:
    """One part of a bar: a share from 0 to 1, its class in the style sheet, and its words."""

    share: float
    css: str
    words: str
    letter: str = ""


def draw_bar(parts: Sequence[BarPart], *, height: int = 14, title: str = "") -> Markup:
    """Return a bar whose parts are as wide as their shares of their sum."""
    total = sum(part.share for part in parts) or 1.0
    x, drawn = 0.0, []
    for part in parts:
        width = part.share / total * WIDTH
        drawn.append(
            f'<rect class="{part.css}" x="{x:.1f}" y="0" width="{max(width - 2, 1):.1f}"'
            f' height="{height}"><title>{escape(part.words)}</title></rect>'
        )
        x += width
    words = escape(title or "; ".join(part.words for part in parts))
    return Markup(  # noqa: S704 - everything from outside is escaped above
        f'<svg class="bar" role="img" aria-label="{words}" viewBox="0 0 {WIDTH:.0f} {height}"'
        f' preserveAspectRatio="none">{"".join(drawn)}</svg>'
    )


def draw_curve(counts: Sequence[int], *, title: str) -> Markup:
    """Return small columns of counts over time."""
    most = max([*counts, 1])
    step = 4
    drawn = "".join(
        f'<rect x="{i * step}" y="{20 - max(2.0, 18 * n / most):.1f}" width="{step - 1}"'
        f' height="{max(2.0, 18 * n / most):.1f}"/>'
        for i, n in enumerate(counts)
        if n
    )
    return Markup(  # noqa: S704 - numbers, and a title that is escaped
        f'<svg class="curve" role="img" aria-label="{escape(title)}"'
        f' viewBox="0 0 {max(len(counts), 1) * step} 20">'
        f'<title>{escape(title)}</title><path d="M0 19.5H{max(len(counts), 1) * step}"/>'
        f"{drawn}</svg>"
    )
