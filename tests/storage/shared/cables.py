"""A machine of its own in a network namespace, at the end of a cable that can be cut.

What is sent into a cut cable is lost without a word, as where a switch dies: nobody says that the
machine is gone.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

__all__ = ["Machine", "can_cut", "open_machine"]

NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A network namespace with an address. `address` is the machine's own."""

    name: str
    address: str
    near: str
    """Name of the end of the cable on this side."""

    def within(self, *command: str | Path) -> list[str]:
        """Return the command that runs another one there."""
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def cut(self) -> None:
        """Cut the cable: from now on nothing arrives, and nothing says so."""
        do("ip", "-n", self.name, "link", "set", "far", "down")

    def mend(self) -> None:
        """Put the cable together again."""
        do("ip", "-n", self.name, "link", "set", "far", "up")
        self.know_neighbours()

    def know_neighbours(self) -> None:
        """Let both ends know each other for good, so that nobody asks who is there."""
        here = read_hardware_address(["ip", "-o", "link", "show", self.near])
        there = read_hardware_address(["ip", "-n", self.name, "-o", "link", "show", "far"])
        gate = self.address.rpartition(".")[0] + ".1"
        for near, command in ((self.near, ["ip"]), ("far", ["ip", "-n", self.name])):
            where, what = (self.address, there) if near == self.near else (gate, here)
            do(*command, "neigh", "replace", where, "lladdr", what, "dev", near, "nud", "permanent")


def read_hardware_address(command: list[str]) -> str:
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return told[told.index("link/ether") + 1]


def do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def can_cut() -> bool:
    """Whether this process may make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"wt{os.getpid()}try"
    try:
        do("ip", "netns", "add", name)
        do("ip", "netns", "delete", name)
    except (subprocess.SubprocessError, OSError):
        return False
    return True


@contextmanager
def open_machine() -> Iterator[Machine]:
    """Yield a machine at the end of a cable; what runs there is to be ended before it is gone."""
    number = next(NUMBERS)
    name, near = f"wt{os.getpid()}n{number}", f"wt{os.getpid() % 100_000}v{number}"
    net = f"10.{100 + os.getpid() % 100}.{number}"
    machine = Machine(name=name, address=f"{net}.2", near=near)
    do("ip", "netns", "add", name)
    try:
        do("ip", "link", "add", near, "type", "veth", "peer", "name", "far", "netns", name)
        do("ip", "addr", "add", f"{net}.1/24", "dev", near)
        do("ip", "link", "set", near, "up")
        do("ip", "-n", name, "addr", "add", f"{net}.2/24", "dev", "far")
        do("ip", "-n", name, "link", "set", "far", "up")
        do("ip", "-n", name, "link", "set", "lo", "up")
        machine.know_neighbours()
        yield machine
    finally:
        with suppress(subprocess.SubprocessError):
            do("ip", "link", "delete", near)
        with suppress(subprocess.SubprocessError):
            do("ip", "netns", "delete", name)
