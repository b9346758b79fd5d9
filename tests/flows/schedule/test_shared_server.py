"""Two archives that report to one Prefect server do not get in each other's way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.articles.errors import ConfigError
from wirethread.flows.schedule.serving import (
    describe_deployment,
    hold_schedule,
    refuse_taken_name,
)
from wirethread.flows.settings.due import ScheduleSettings
from wirethread.storage.upkeep.verification import verify_folder

ROOT = Path(__file__).resolve().parents[3]
PAGE = "http://server:4200"
RUN = """
import sys
from wirethread.flows.settings.config import Settings
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.schedule.start import run_once

settings = Settings(data_folder=sys.argv[2], embedding=EmbeddingSettings(model="hashing"))
run_once([sys.argv[1]], settings)
"""


@pytest.mark.prefect
def test_a_schedule_of_another_archive_is_not_taken_over(
    prefect_server: None, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    schedule = ScheduleSettings(every_minutes=60, name="of-two-archives")
    refuse_taken_name(schedule.name, first, PAGE)
    describe_deployment(schedule, None, first).apply()
    refuse_taken_name(schedule.name, first, PAGE)
    with hold_schedule(first):
        with pytest.raises(ConfigError) as refusal:
            refuse_taken_name(schedule.name, second, PAGE)
        refuse_taken_name("another", second, PAGE)
    assert str(refusal.value) == (
        f"the schedule `of-two-archives` on {PAGE} is that of {first}: set schedule.name, one for"
        " each archive, or end that one with `prefect deployment delete wirethread/of-two-archives`"
    )
    refuse_taken_name(schedule.name, second, PAGE)  # nobody serves the first any more
    describe_deployment(schedule, None, tmp_path / "elsewhere").apply()
    with pytest.raises(ConfigError, match="elsewhere"):
        refuse_taken_name(schedule.name, second, PAGE)


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_archives_that_run_at_once_on_one_server_end_as_if_alone(
    prefect_server: None, tmp_path: Path
) -> None:
    from prefect.settings import PREFECT_API_URL

    days = {"first": FIRST_DAY, "second": SECOND_DAY}
    running = {}
    for name, ids in days.items():
        news = write_lines(tmp_path / f"{name}.jsonl", sample_rows(ids))
        running[name] = subprocess.Popen(
            [sys.executable, "-c", RUN, str(news), str(tmp_path / name)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PREFECT_API_URL": str(PREFECT_API_URL.value()),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    for name, process in running.items():
        told, complaints = process.communicate(timeout=300)
        assert process.returncode == 0, complaints
        alone = hashing_settings(tmp_path / f"{name}-alone")
        run_plainly([tmp_path / f"{name}.jsonl"], alone)
        digest = read_digest(alone.data_folder)
        assert read_digest(tmp_path / name) == digest
        assert read_published_digest(tmp_path / name) == digest
        assert fetch(tmp_path / name, "SELECT state FROM runs") == [("finished",)], told
        assert verify_folder(tmp_path / name).is_fine
