"""How many of some articles certainly ran before or after one, without comparing every two."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from wirethread.articles.types.articles import TimePrecision
from wirethread.clustering.types import ArticleText

__all__ = ["KnownTimes"]

_APART = timedelta(days=2)
"""Gap of calendar days that decides where one of two times is a mere day (`is_known_earlier`)."""


class KnownTimes:
    """The times of some articles in order, to count by `is_known_earlier`."""

    def __init__(self, articles: Iterable[ArticleText]) -> None:
        self._moments: list[datetime] = []
        self._days: list[date] = []
        """Of the articles whose time is not exact."""
        self._all_days: list[date] = []
        for article in articles:
            moment = article.published_at
            if moment is None or article.published_precision is TimePrecision.UNKNOWN:
                continue
            self._all_days.append(moment.date())
            if article.published_precision is TimePrecision.SECOND:
                self._moments.append(moment)
            else:
                self._days.append(moment.date())
        self._moments.sort()
        self._days.sort()
        self._all_days.sort()

    def count_before(self, article: ArticleText) -> int:
        """How many of the articles are known to be earlier than this one."""
        moment = article.published_at
        if moment is None or article.published_precision is TimePrecision.UNKNOWN:
            return 0
        limit = moment.date() - _APART
        if article.published_precision is TimePrecision.SECOND:
            return bisect_left(self._moments, moment) + bisect_right(self._days, limit)
        return bisect_right(self._all_days, limit)

    def count_after(self, article: ArticleText) -> int:
        """How many of the articles this one is known to be earlier than."""
        moment = article.published_at
        if moment is None or article.published_precision is TimePrecision.UNKNOWN:
            return 0
        limit = moment.date() + _APART
        if article.published_precision is TimePrecision.SECOND:
            later = len(self._moments) - bisect_right(self._moments, moment)
            return later + len(self._days) - bisect_left(self._days, limit)
        return len(self._all_days) - bisect_left(self._all_days, limit)
