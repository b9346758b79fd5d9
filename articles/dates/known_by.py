"""By when something was published, where a time is not known exactly."""

from datetime import UTC, datetime, time

from wirethread.articles.types.articles import TimePrecision

__all__ = ["known_by"]

_NEVER = datetime.max.replace(tzinfo=UTC)


def known_by(published_at: datetime | None, precision: TimePrecision) -> datetime:
    """Return the moment by which it is known to have been published.

    That is the end of a day of which no time is known, since a mere day is no proof of having been
    first on it, and the end of all times where not even the day is.
    """
    if published_at is None:
        return _NEVER
    if precision is TimePrecision.SECOND:
        return published_at
    return datetime.combine(published_at.date(), time.max, UTC)
