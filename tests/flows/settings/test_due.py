"""When runs are due: intervals, cron lines, and runs that were missed."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wirethread.articles.errors import ConfigError
from wirethread.flows.runs.results import RunResult
from wirethread.flows.schedule.schedule_file import (
    is_covered,
    read_last_scheduled,
    record_scheduled_run,
)
from wirethread.flows.schedule.serving import is_run_missing
from wirethread.flows.settings.config import load_settings
from wirethread.flows.settings.cron import find_cron_time, parse_cron
from wirethread.flows.settings.due import ScheduleSettings, find_last_due, find_next_due, is_stale

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "now", "following", "last"),
    [
        ("*/15 * * * *", "2026-03-10 10:07", "2026-03-10 10:15", "2026-03-10 10:00"),
        ("*/15 * * * *", "2026-03-10 10:15", "2026-03-10 10:30", "2026-03-10 10:15"),
        ("0 6-22/4 * * mon-fri", "2026-03-13 22:30", "2026-03-16 06:00", "2026-03-13 22:00"),
        ("30 4 1 * *", "2026-02-28 00:00", "2026-03-01 04:30", "2026-02-01 04:30"),
        ("0 0 29 feb *", "2026-03-01 00:00", "2028-02-29 00:00", "2024-02-29 00:00"),
        ("0 12 13 * fri", "2026-03-10 00:00", "2026-03-13 12:00", "2026-03-06 12:00"),
        ("0 9 * * sat-sun", "2026-03-15 10:00", "2026-03-21 09:00", "2026-03-15 09:00"),
        ("@daily", "2026-03-10 10:07", "2026-03-11 00:00", "2026-03-10 00:00"),
    ],
)
def test_a_cron_line_names_the_time_before_and_the_time_after(
    line: str, now: str, following: str, last: str
) -> None:
    schedule = ScheduleSettings(cron=line)
    assert find_next_due(schedule, at(now)) == at(following)
    assert find_last_due(schedule, at(now)) == at(last)


def test_a_cron_line_follows_the_clock_of_its_time_zone_over_the_change() -> None:
    schedule = ScheduleSettings(cron="30 7 * * *", timezone="Europe/Paris")
    assert find_next_due(schedule, at("2026-03-28 12:00")) == at("2026-03-29 05:30")
    assert find_next_due(schedule, at("2026-03-27 12:00")) == at("2026-03-28 06:30")


def test_a_time_that_the_clocks_jump_over_does_not_come() -> None:
    line = parse_cron("30 2 * * *")
    assert find_cron_time(line, at("2026-03-28 12:00"), PARIS, after=True) == at("2026-03-30 00:30")


def draw_field(draw: random.Random, low: int, high: int) -> str:
    first = draw.randint(low, high)
    last = draw.randint(first, high)
    forms = ["*", "*", f"*/{draw.randint(2, high)}", f"{first}-{last}", f"{first}-{last}/2"]
    return draw.choice([*forms, str(first), f"{first},{draw.randint(low, high)}"])


def test_cron_times_are_those_of_prefect() -> None:
    from prefect._vendor.croniter import croniter

    draw = random.Random(7)
    for _ in range(200):
        fields = [(0, 59), (0, 23), (1, 28), (1, 12), (0, 6)]
        line = parse_cron(" ".join(draw_field(draw, *one) for one in fields))
        moment = at("2026-01-01 00:00") + timedelta(seconds=draw.randint(0, 9 * 10**7))
        utc = ZoneInfo("UTC")
        assert find_cron_time(line, moment, utc, after=True) == croniter(
            line.text, moment
        ).get_next(datetime), line
        assert find_cron_time(line, moment, utc, after=False) == croniter(
            line.text, moment + timedelta(seconds=1)
        ).get_prev(datetime), line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("*/15 25 * * *", "hour: '25' is none of 0 to 23"),
        ("* * *", "five fields (minute hour day month weekday), this one has 3"),
        ("x * * * *", "minute: 'x' is none of 0 to 59"),
        ("*/0 * * * *", "minute: '*/0' is none of 0 to 59"),
        ("9-5 * * * *", "minute: '9-5' is none of 0 to 59"),
        ("0 0 31 2 *", "no day ever has this date"),
        ("0 0 * * someday", "weekday: 'someday' is none of 0 to 7, or sun to sat"),
    ],
)
def test_a_bad_cron_line_is_named_with_its_line_in_the_file(
    line: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f'schedule:\n  timezone: UTC\n  cron: "{line}"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_settings(file)
    assert str(refusal.value).startswith(f"{file}:3: schedule.cron: ")
    assert words in str(refusal.value)


def test_an_unknown_time_zone_and_two_schedules_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        ScheduleSettings(cron="0 0 * * *", timezone="Europe/Nowhere")
    with pytest.raises(ValueError, match="exclude each other"):
        ScheduleSettings(cron="0 0 * * *", every_minutes=5)


def test_an_interval_means_the_same_times_after_every_start() -> None:
    schedule = ScheduleSettings(every_minutes=15)
    assert find_next_due(schedule, at("2026-03-10 10:07:12")) == at("2026-03-10 10:15")
    assert find_last_due(schedule, at("2026-03-10 10:07:12")) == at("2026-03-10 10:00")
    assert find_next_due(schedule, at("2026-03-10 10:15")) == at("2026-03-10 10:30")


def test_after_a_downtime_one_run_is_missing_and_after_that_run_none() -> None:
    schedule = ScheduleSettings(every_minutes=15)
    down, up = at("2026-03-10 03:01"), at("2026-03-10 10:07")
    assert is_run_missing(schedule, down, up)
    assert is_run_missing(schedule, None, up)
    assert not is_run_missing(schedule, up, up + timedelta(minutes=1))


def test_runs_that_waited_in_the_queue_are_covered_by_the_one_that_ran(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert not is_covered(tmp_path, now)
    record_scheduled_run(
        tmp_path, RunResult(run_id="r", seconds=60.0, steps=(), unreadable_sources=())
    )
    begun = read_last_scheduled(tmp_path)
    assert begun is not None
    assert abs(begun - (now - timedelta(seconds=60))) < timedelta(seconds=5)
    assert is_covered(tmp_path, now - timedelta(minutes=30))
    assert not is_covered(tmp_path, now - timedelta(seconds=5))


@pytest.mark.parametrize("words", ["", "{", "[]", '{"begun_at": 3}', '{"begun_at": "2999-01-01"}'])
def test_a_damaged_memory_of_the_last_run_means_that_a_run_is_due(
    words: str, tmp_path: Path
) -> None:
    (tmp_path / "schedule.json").write_text(words, encoding="utf-8")
    assert read_last_scheduled(tmp_path) is None


def test_an_archive_is_stale_when_two_runs_are_missing_and_not_before() -> None:
    schedule = ScheduleSettings(every_minutes=15)
    now = at("2026-03-10 10:07")
    assert not is_stale(schedule, at("2026-03-10 10:00:02"), now)
    assert not is_stale(schedule, at("2026-03-10 09:45:02"), now)
    assert is_stale(schedule, at("2026-03-10 09:30:02"), now)
    assert is_stale(schedule, None, now)
