"""What the README shows is run: its commands answer, and what it prints is what they print."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
PLACEHOLDERS = ("articles.jsonl", "YOUR", "FILE", "GOLD", "ID")


def read_commands() -> Iterator[str]:
    """Yield the lines of console blocks that can run as they stand."""
    for language, text in BLOCKS:
        if language == "console":
            for line in text.splitlines():
                if line.startswith("wirethread ") and not any(one in line for one in PLACEHOLDERS):
                    yield line


def read_transcripts() -> Iterator[tuple[str, list[str]]]:
    """Yield each command that is shown with its output, and the lines of that output."""
    for language, text in BLOCKS:
        if language == "text":
            lines = text.splitlines()
            if lines[0].startswith("$ wirethread "):
                yield lines[0].removeprefix("$ "), [one for one in lines[1:] if one.strip()]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo was run, as the README tells to."""
    folder = tmp_path_factory.mktemp("readme")
    run_command("wirethread demo", folder)
    return folder


def run_command(line: str, folder: Path) -> str:
    words = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-c", "from wirethread.cli import main; main()", *words[1:]],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(Path.home()),
            "PYTHONPATH": str(ROOT),
            "WIRETHREAD_DATA": str(folder / "wirethread-demo"),
        },
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    return done.stdout


@pytest.mark.model
@pytest.mark.prefect
@pytest.mark.parametrize("line", list(read_commands()))
def test_readme_commands_run(line: str, demo_folder: Path) -> None:
    assert run_command(line, demo_folder).strip()


@pytest.mark.model
@pytest.mark.prefect
@pytest.mark.parametrize(("line", "shown"), list(read_transcripts()))
def test_readme_shows_what_the_command_prints(
    line: str, shown: list[str], demo_folder: Path
) -> None:
    printed = {" ".join(one.split()) for one in run_command(line, demo_folder).splitlines()}
    missing = [one for one in shown if " ".join(one.split()) not in printed and one.strip() != "…"]
    assert missing == []


@pytest.mark.model
@pytest.mark.prefect
def test_readme_python_runs(
    demo_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(demo_folder)
    for language, text in BLOCKS:
        if language == "python":
            exec(compile(text, "README.md", "exec"), {})
    assert "Reuters" in capsys.readouterr().out


def test_readme_names_every_command() -> None:
    from typer.main import get_command

    from wirethread.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    missing = [name for name in commands if f"wirethread {name}" not in README]
    assert missing == []
