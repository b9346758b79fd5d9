"""The text of a feed's entry, which is already nothing but the article."""

import re

__all__ = ["count_words", "is_teaser"]

_CUT = re.compile(
    r"(?:\.\.\.|…|\[…\]|\[\.\.\.\.\]|read more|continue reading|weiterlesen|lire la suite"
    r"|leer más)[\s.»>→\]]*$",
    re.IGNORECASE,
)


def count_words(text: str) -> int:
    """Return the number of words."""
    return len(text.split())


def is_teaser(text: str) -> bool:
    """Tell whether a text breaks off, as those do that want to be read elsewhere."""
    return _CUT.search(text[-60:]) is not None
