"""Titles of stories: a headline without what belongs to its outlet or its place in a series.

`UPDATE 1-Ferry sinks off Talmora | CNN` is `Ferry sinks off Talmora`.
"""

import re
from collections.abc import Sequence

import numpy as np

from wirethread.articles.credits.notices import strip_prefixes
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle

__all__ = ["clean_title", "find_telling_title"]

_MAX_OUTLET_WORDS = 4
_BAR_TAIL = re.compile(r"\s+[|｜]\s*([^|｜]+)$")
_DASH_TAIL = re.compile(r"\s+[-–—]\s+([^-–—|]+)$")
_OUTLET = re.compile(
    r"(?:.*\b)?(?:News|Times|Post|Herald|Tribune|Gazette|Journal|Guardian|Telegraph|Chronicle|"
    r"Reuters|AFP|AP|CNN|NPR|BBC|CBC|CNBC|DW|RT|TASS|Zeitung|Spiegel|Nachrichten|Noticias|"
    r"Diario|Magazine|Online|TV|Radio)(?:\s+(?:News|Online|World|UK|US))?"
    r"|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}|.*(?:新聞|新闻|网|網|ニュース)"
)
"""How an outlet's name looks where it is signed behind a headline."""
_LIVE = (
    r"live(?:\s?blog|\s?ticker|\s+(?:updates?|coverage|news))?|liveticker|newsblog|newsticker|"
    r"en (?:vivo|directo|direct)|minuto a minuto|in diretta|ao vivo|na żywo|онлайн|"
    r"прямая трансляция|مباشر|直播|ライブ"
)
_LIVE_HEAD = re.compile(rf"^(?:{_LIVE})\s*[:：|–—-]\s*", re.IGNORECASE)
_LIVE_TAIL = re.compile(rf"\s*(?:[:：|,]|\s[–—-])\s*(?:{_LIVE})\s*$", re.IGNORECASE)
_LIVE_WORDS = re.compile(r"\s+live updates?\s*$", re.IGNORECASE)


def clean_title(headline: str) -> str:
    """Return the headline without tags, outlet and the sign of a live page, on one line.

    A headline that is nothing else stays as it is.
    """
    title = " ".join(headline.split())
    while True:
        shorter = _strip_once(title)
        if shorter == title:
            return title
        title = shorter


def find_telling_title(titles: Sequence[tuple[str, int]], headlines: Sequence[str]) -> str:
    """Return the title that tells best what most headlines of a story are about.

    `titles` are those to choose from, each with the number of articles that it stands over. It is
    the one whose weighted words lie nearest to the sum of those of all headlines: a remark at the
    edge of a story shares few with the others. Of equals the first is taken.
    """
    if len(titles) <= 1 or not headlines:
        return titles[0][0] if titles else ""
    table = weigh_terms(
        [
            StoryArticle(article_id=ArticleId(f"headline {place}"), headline=headline, text="")
            for place, headline in enumerate([*(title for title, _ in titles), *headlines])
        ]
    )
    whole = table.weights[len(titles) :].sum(axis=0)
    nearness = table.weights[: len(titles)] @ np.asarray(whole).ravel()
    sizes = np.array([size for _, size in titles], dtype=np.float64)
    return titles[int(np.argmax(np.round(nearness * sizes**0.25, 6)))][0]


def _strip_once(title: str) -> str:
    for rest in (
        strip_prefixes(title),
        _strip_outlet(title),
        _LIVE_HEAD.sub("", title),
        _LIVE_TAIL.sub("", title),
        _LIVE_WORDS.sub("", title),
    ):
        if rest != title and rest.strip():
            return rest.strip()
    return title


def _strip_outlet(title: str) -> str:
    """Cut what stands behind the last bar, or an outlet's name behind the last dash."""
    bar = _BAR_TAIL.search(title)
    if bar and len(bar[1].split()) <= _MAX_OUTLET_WORDS:
        return title[: bar.start()]
    dash = _DASH_TAIL.search(title)
    if dash and len(dash[1].split()) <= _MAX_OUTLET_WORDS and _OUTLET.fullmatch(dash[1].strip()):
        return title[: dash.start()]
    return title
