from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirethread.articles.dates import read_time
from wirethread.articles.types.articles import TimePrecision

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "time", "precision"),
    [
        ("2023-09-05T14:03:07Z", datetime(2023, 9, 5, 14, 3, 7, tzinfo=UTC), TimePrecision.SECOND),
        (
            "2023-09-05T14:03:07+02:00",
            datetime(2023, 9, 5, 12, 3, 7, tzinfo=UTC),
            TimePrecision.SECOND,
        ),
        ("2023-09-05 14:03:07", datetime(2023, 9, 5, 14, 3, 7, tzinfo=UTC), TimePrecision.SECOND),
        (
            "Tue, 05 Sep 2023 14:03:00 GMT",
            datetime(2023, 9, 5, 14, 3, tzinfo=UTC),
            TimePrecision.SECOND,
        ),
        ("2023-09-05", datetime(2023, 9, 5, tzinfo=UTC), TimePrecision.DAY),
        ("20230905", datetime(2023, 9, 5, tzinfo=UTC), TimePrecision.DAY),
        ("2023-09-05T00:00:00", datetime(2023, 9, 5, tzinfo=UTC), TimePrecision.DAY),
        ("2023-09-05 00:00:00", datetime(2023, 9, 5, tzinfo=UTC), TimePrecision.DAY),
        ("September 5, 2023", datetime(2023, 9, 5, tzinfo=UTC), TimePrecision.DAY),
        ("8/29/2018", datetime(2018, 8, 29, tzinfo=UTC), TimePrecision.DAY),
        ("8/29/18", datetime(2018, 8, 29, tzinfo=UTC), TimePrecision.DAY),
        (1693922587, datetime(2023, 9, 5, 14, 3, 7, tzinfo=UTC), TimePrecision.SECOND),
        (1693922587000, datetime(2023, 9, 5, 14, 3, 7, tzinfo=UTC), TimePrecision.SECOND),
        (None, None, TimePrecision.UNKNOWN),
        ("", None, TimePrecision.UNKNOWN),
        ("null", None, TimePrecision.UNKNOWN),
    ],
)
def test_times_are_read_in_many_spellings(value, time, precision):
    assert read_time(value, now=NOW) == (time, precision)


@pytest.mark.parametrize(
    "value",
    ["2023-13-45", "yesterday", "tomorrow at noon", "2023", "September 2023", True, 12, [], {},
     "2024-06-05", "1492-10-12", "99999-01-01", "x" * 200, "2023-02-30T10:00:00"],
)  # fmt: skip
def test_a_wrong_or_impossible_date_is_refused(value):
    with pytest.raises(ValueError, match="date"):
        read_time(value, now=NOW)


def test_a_clock_that_is_a_day_ahead_is_allowed():
    assert read_time((NOW + timedelta(days=1)).isoformat(), now=NOW)[0] == NOW + timedelta(days=1)


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.booleans()))
def test_any_value_is_read_or_refused_with_a_reason(value):
    try:
        time, precision = read_time(value, now=NOW)
    except ValueError as error:
        assert str(error)
    else:
        assert (time is None) == (precision is TimePrecision.UNKNOWN)
        assert time is None or time.utcoffset() == timedelta(0)
