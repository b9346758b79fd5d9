"""Words from outside in markdown: shown as they are, never read as markup or as HTML."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["clean_words", "escape_markdown", "write_table"]

SPECIAL = re.compile(r"""([\\`*_{}\[\]()#+\-.!|~:/@=^$"'])""")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Control and format characters; among them those that turn the direction of writing."""


def clean_words(text: str, limit: int = 200) -> str:
    """Return a text in one line without control characters, cut off after `limit` characters."""
    spaced = " ".join(text.split())
    seen = "".join(one for one in spaced if unicodedata.category(one) not in UNSEEN)
    return seen if len(seen) <= limit else f"{seen[: limit - 1].rstrip()}…"


def escape_markdown(text: str, limit: int = 200) -> str:
    """Return a text that markdown shows letter for letter, also inside a table."""
    return SPECIAL.sub(r"\\\1", clean_words(text, limit).translate(ENTITIES))


def write_table(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> list[str]:
    """Return the lines of a markdown table; words are escaped, numbers stand to the right."""
    body = [list(row) for row in rows]
    numbers = [all(isinstance(row[place], int) for row in body) for place in range(len(head))]
    lines = [
        f"| {' | '.join(head)} |",
        f"| {' | '.join('---:' if number else '---' for number in numbers)} |",
    ]
    for row in body:
        cells = [escape_markdown(one) if isinstance(one, str) else str(one) for one in row]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
