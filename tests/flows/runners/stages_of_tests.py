"""Stages that go wrong, as modules that a worker can import."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from wirethread.articles.errors import ModelError


def double(numbers: Sequence[int], tell: Callable[[float], None]) -> list[int]:
    tell(0.5)
    return [2 * number for number in numbers]


def refuse_thirteen(numbers: Sequence[int], tell: Callable[[float], None]) -> list[int]:
    if 13 in numbers:
        raise ZeroDivisionError("13 is an unlucky number")
    return double(numbers, tell)


def die_of_thirteen(numbers: Sequence[int], tell: Callable[[float], None]) -> list[int]:
    if 13 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(numbers, tell)


def die_once(content: tuple[str, int], tell: Callable[[float], None]) -> int:
    """Kill the worker of the first attempt of every third partition."""
    folder, number = content
    mark = Path(folder) / str(number)
    if number % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def stand_in_for_a_model(numbers: Sequence[int], tell: Callable[[float], None]) -> list[int]:
    raise ModelError("there is no such model")


def name_process(content: int, tell: Callable[[float], None]) -> int:
    return os.getpid()
