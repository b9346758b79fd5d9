"""Partitions here, in processes and on Dask: order, faults, workers that die."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.flows.runners.stages_of_tests import (
    die_of_thirteen,
    die_once,
    double,
    name_process,
    refuse_thirteen,
    stand_in_for_a_model,
)
from wirethread.articles.errors import ConfigError, ModelError
from wirethread.flows.runners.choose import FittingRunner, open_runner
from wirethread.flows.runners.here import HereRunner
from wirethread.flows.runners.partitions import (
    Done,
    Partition,
    Runner,
    SetAside,
    map_apart,
    tell_nobody,
)
from wirethread.flows.runners.processes import ProcessRunner
from wirethread.flows.settings.sections import RunnerSettings

KINDS = ["here", "processes", pytest.param("dask", marks=pytest.mark.pipeline)]


@contextmanager
def a_runner(kind: str) -> Iterator[Runner]:
    with open_runner(RunnerSettings(kind=kind, workers=2)) as runner:  # type: ignore[arg-type]
        yield runner


def number_partitions(*groups: list[int]) -> list[Partition[list[int]]]:
    return [Partition(name=f"the numbers {group}", content=group) for group in groups]


@pytest.mark.parametrize("kind", KINDS)
def test_every_runner_gives_results_in_the_order_of_the_plan_and_sets_aside_what_fails(
    kind: str,
) -> None:
    plan = number_partitions([1, 2], [13], [3], [4, 13], [5])
    told: list[tuple[str, float]] = []
    with a_runner(kind) as runner:
        outcomes = list(
            runner.map(
                refuse_thirteen, plan, lambda partition, share: told.append((partition.name, share))
            )
        )
        apart = list(map_apart(runner, refuse_thirteen, number_partitions([12, 13, 14])))
    results = [one.result if isinstance(one, Done) else None for one in outcomes]
    assert results == [[2, 4], None, [6], None, [10]]
    assert [str(one) for one in outcomes if isinstance(one, SetAside)] == [
        f"the numbers {group}: set aside after 3 attempts: "
        "ZeroDivisionError: 13 is an unlucky number"
        for group in ([13], [4, 13])
    ]
    assert [name for name, share in told if share == 1] == [
        f"the numbers {group}" for group in ([1, 2], [3], [5])
    ]
    assert apart[0].results == [[24], [28]]
    assert [item for item, _ in apart[0].faults] == [13]


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_settings_ends_the_work_at_once(kind: str) -> None:
    with a_runner(kind) as runner, pytest.raises(ModelError, match="no such model"):
        list(runner.map(stand_in_for_a_model, number_partitions([1], [2]), tell_nobody))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_partition_that_kills_its_worker_is_set_aside_and_no_other(kind: str) -> None:
    plan = number_partitions(*[[number] for number in range(10, 20)])
    with a_runner(kind) as runner:
        outcomes = list(runner.map(die_of_thirteen, plan, tell_nobody))
        # and the runner goes on afterwards
        (last,) = runner.map(double, number_partitions([21]), tell_nobody)
    assert [one.partition.content for one in outcomes if isinstance(one, SetAside)] == [[13]]
    assert [one.result[0] for one in outcomes if isinstance(one, Done)] == [
        2 * number for number in range(10, 20) if number != 13
    ]
    assert isinstance(last, Done)
    assert last.result == [42]


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS[1:])
def test_workers_that_are_killed_in_the_middle_change_nothing(kind: str, tmp_path: Path) -> None:
    plan = [Partition(name=str(n), content=(str(tmp_path), n)) for n in range(8)]
    with a_runner(kind) as runner:
        outcomes = list(runner.map(die_once, plan, tell_nobody))
    assert [one.result for one in outcomes if isinstance(one, Done)] == list(range(8))


def test_no_more_partitions_are_planned_than_twice_the_workers() -> None:
    planned: list[int] = []

    def plan() -> Iterator[Partition[list[int]]]:
        for number in range(20):
            planned.append(number)
            yield Partition(name=str(number), content=[number])

    with a_runner("processes") as runner:
        results = runner.map(double, plan(), tell_nobody)
        next(results)
        assert len(planned) == 4
        results.close()  # type: ignore[attr-defined]
    assert len(planned) == 4


def test_a_stage_with_little_to_do_stays_here_and_one_with_much_goes_to_processes() -> None:
    processes = ProcessRunner(2)
    runner = FittingRunner(processes)
    for n_partitions, is_here in ((3, True), (6, False)):
        plan = [Partition(name=str(n), content=n) for n in range(n_partitions)]
        found = {
            one.result
            for one in runner.map(name_process, plan, tell_nobody)
            if isinstance(one, Done)
        }
        assert (found == {os.getpid()}) is is_here
    processes.close()


@pytest.mark.parametrize(
    ("n_cores", "kind"), [(1, HereRunner), (2, HereRunner), (3, FittingRunner), (16, FittingRunner)]
)
def test_two_cores_work_here_and_more_as_it_fits(
    n_cores: int, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirethread.flows.runners.choose.count_cores", lambda: n_cores)
    with open_runner(RunnerSettings()) as runner:
        assert isinstance(runner, kind)


def test_an_address_where_nobody_answers_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirethread.flows.runners.dask_cluster._CONNECT_SECONDS", 0.3)
    settings = RunnerSettings(kind="dask", address="tcp://127.0.0.1:9")
    with open_runner(settings) as runner, pytest.raises(ConfigError, match="no Dask scheduler"):
        list(runner.map(double, number_partitions([1]), tell_nobody))


def test_a_scheduler_that_greets_with_something_else_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wirethread.flows.runners.dask_cluster._CONNECT_SECONDS", 2)

    def greet(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                came, _ = listening.accept()
                came.sendall(b"1.2.3.4." * 8)  # which reads as a length of exabytes

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=greet, args=(listening,), daemon=True).start()
        settings = RunnerSettings(
            kind="dask", address=f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        )
        with open_runner(settings) as runner, pytest.raises(ConfigError, match="no Dask scheduler"):
            list(runner.map(double, number_partitions([1]), tell_nobody))


def test_an_address_asks_for_dask() -> None:
    with pytest.raises(ValueError, match="kind: dask"):
        RunnerSettings(kind="processes", address="tcp://127.0.0.1:8786")
