from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirethread.articles.dates.order import DateOrder, guess_order
from wirethread.articles.dates.times import AmbiguousDateError, FutureDateError, read_time
from wirethread.articles.types.articles import TimePrecision

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 29, tzinfo=UTC)
TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)


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
    "words",
    [
        "Mon, 02 Nov 2026 10:00:00 GMT+0000", "Mon, 02 Nov 2026 11:00:00 CET", "2 November 2026, 10:00 UTC",
        "Mon, Nov 02 2026 10:00:00 AM", "2026/11/02 10:00:00", "2026-11-02T11:00:00+01:00[Europe/Berlin]",
        "2026-11-02 05:00:00 -0500 EST", "2026-11-02T10:00:00.000000000Z", "20261102T100000Z",
        "20261102100000", "1793613600", "1793613600000", "1793613600000000", "/Date(1793613600000)/",
        "Mon Nov 02 2026 11:00:00 GMT+0100 (Central European Standard Time)", "Mon Nov 02 11:00:00 CET 2026",
        "2026-11-02 10:00:00 +0000 UTC m=+0.0001", "Updated Nov. 2, 2026 5:00 a.m. ET", "02-Nov-26 10:00",
        "November 2, 2026 5:00 AM Eastern", "Nov 2, 2026, 4:00 a.m. (Central)",
        "November 2nd, 2026 at 5am EST", "Monday, November 2, 2026 - 10:00", "02.11.2026, 10:00 Uhr",
        "Stand: 02.11.2026 um 10.00 Uhr", "2. November 2026, 10 Uhr", "2 novembre 2026 à 10h00",
        "Mis à jour le 2 nov. 2026 - 10:00", "Lunedì 2 novembre 2026 ore 10:00", "2 de noviembre de 2026, 10:00 h",
        "2 de novembro de 2026 às 10h00", "2 november 2026, 10.00 uur", "2. november 2026 kl. 10.00",
        "2. marraskuuta 2026 klo 10.00", "2 listopada 2026, 10:00 po polsku", "2. studenoga 2026. u 10:00",
        "2026. november 2., hétfő 10:00", "2 noiembrie 2026, 10:00", "2 ноября 2026 г. в 13:00 МСК",
        "2 листопада 2026, 10:00", "2 ноември 2026 г., 10:00", "2 Νοεμβρίου 2026, 10:00 π.μ.",
        "2 Kasım 2026 Pazartesi 10:00", "2026 m. lapkričio 2 d. 10:00", "2026. gada 2. novembris 10:00",
        "2 tháng 11, 2026 10:00", "Senin, 2 November 2026 17:00 WIB", "2026年11月2日 10:00", "2026年11月2日 上午10时00分",
        "令和8年11月2日 午前10時00分", "2026년 11월 2일 오전 10시 00분", "2 نوفمبر 2026، 10:00 ص", "٢ نوفمبر ٢٠٢٦ ١٠:٠٠",
        "2 בנובמבר 2026 10:00", "2 พฤศจิกายน 2569 10:00 น.", "2 नवंबर 2026, 10:00", "lun. 2 nov. 2026 10:00",
    ],
)  # fmt: skip
def test_times_of_many_lands_and_programs_are_one_time(words):
    language = "pl" if "po polsku" in words else None
    assert read_time(words, now=LATER, language=language) == (TEN, TimePrecision.SECOND)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("7 juli 2026", (2026, 7, 7)), ("1er août 2026", (2026, 8, 1)), ("13/04/2026", (2026, 4, 13)),
        ("04/13/2026", (2026, 4, 13)), ("Friday, 03/04/2026", (2026, 4, 3)), ("mer. 03/04/26", (2026, 3, 4)),
        ("03.04.2026", (2026, 4, 3)), ("11/12/2026", (2026, 11, 12)), ("2026-W45-1", (2026, 11, 2)),
        ("2026-306", (2026, 11, 2)), ("2.XI.2026", (2026, 11, 2)), ("03/03/2026", (2026, 3, 3)),
    ],
)  # fmt: skip
def test_days_are_read_by_what_stands_beside_them(words, day):
    assert read_time(words, now=LATER) == (datetime(*day, tzinfo=UTC), TimePrecision.DAY)


def test_a_day_and_a_month_that_could_change_places_are_never_guessed():
    for words in ("03/04/2026", "3-4-2026 10:00", "02/03/26"):
        with pytest.raises(AmbiguousDateError, match="the day or the month first"):
            read_time(words, now=LATER)
    assert read_time("03/04/2026", now=LATER, order=DateOrder.DAY_FIRST)[0].month == 4
    assert read_time("03/04/2026", now=LATER, order=DateOrder.MONTH_FIRST)[0].month == 3
    assert read_time("13/04/2026", now=LATER, order=DateOrder.MONTH_FIRST)[0].month == 4


def test_a_month_that_differs_between_languages_is_told_by_the_language():
    assert read_time("2. listopada 2026", now=LATER, language="hr")[0].month == 10
    assert read_time("2 listopada 2026", now=LATER, language="pl")[0].month == 11
    with pytest.raises(AmbiguousDateError):
        read_time("2 listopada 2026", now=LATER)


def test_the_usual_order_comes_from_language_and_country():
    assert guess_order("en", "https://kell.co.uk/a") is DateOrder.DAY_FIRST
    assert guess_order("en-US", None) is DateOrder.MONTH_FIRST
    assert guess_order("fr", "https://kell.example/a") is DateOrder.DAY_FIRST
    assert guess_order(None, "https://kell.com.au/a") is DateOrder.DAY_FIRST
    assert guess_order("en", "https://kell.com/a") is None
    assert guess_order("en", "https://kell.io/a") is None
    assert guess_order("ja", None) is None


def test_a_time_ahead_says_what_it_is():
    with pytest.raises(FutureDateError) as told:
        read_time("2027-03-01T02:30:00+02:00", now=LATER)
    assert told.value.moment == datetime(2027, 3, 1, 0, 30, tzinfo=UTC)


def test_times_as_databases_export_them_are_read():
    for value in ({"$date": "2026-11-02T10:00:00Z"}, {"$date": {"$numberLong": "1793613600000"}}):
        assert read_time(value, now=LATER) == (TEN, TimePrecision.SECOND)


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


@pytest.mark.heavy
@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.booleans()))
def test_any_value_is_read_or_refused_with_a_reason(value):
    try:
        time, precision = read_time(value, now=NOW)
    except ValueError as error:
        assert str(error)
    else:
        assert (time is None) == (precision is TimePrecision.UNKNOWN)
        assert time is None or time.utcoffset() == timedelta(0)
