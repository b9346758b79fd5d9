"""Calls of the `wirethread` command: in this process where nothing else is asked, else as a user."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from wirethread.cli import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What the command printed, and the status that it left with."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


def call(*arguments: str | Path) -> Answer:
    """Run the command in this process, from its command line to its exit status."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["wirethread", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
    written = out.detach()
    assert isinstance(written, io.BytesIO)
    return Answer(code, written.getvalue().decode("utf-8"), err.getvalue())


def call_apart(
    *arguments: str | Path, folder: Path | None = None, python: str | None = None
) -> Answer:
    """Run the command in a process of its own; `python` is code to run in its place."""
    program = ["-c", python] if python else ["-c", "from wirethread.cli import main; main()"]
    done = subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        cwd=folder or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
