"""`wirethread sources` shows the sources of the settings; `--all` also those that left them."""

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.flows.driving import run_plainly, sample_rows, write_lines
from tests.flows.feeding import make
from wirethread.cli import app
from wirethread.sources.settings import SourceSettings


def test_a_source_that_left_the_settings_is_shown_only_when_asked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name, row in zip(("a", "b"), sample_rows(), strict=False):
        write_lines(tmp_path / f"{name}.jsonl", [row])
    both = [SourceSettings(name=name, file=str(tmp_path / f"{name}.jsonl")) for name in ("a", "b")]
    run_plainly([], make(data, *both))
    config = tmp_path / "config.yaml"
    config.write_text(
        f"data_folder: {data}\nsources:\n  - {{name: a, file: {tmp_path}/a.jsonl}}\n",
        encoding="utf-8",
    )

    def show(*options: str) -> list[str]:
        words = ["sources", "--json", "--config", str(config), *options]
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return [one["source"] for one in json.loads(result.stdout)]

    assert show() == ["a"]
    assert show("--all") == ["a", "b"]
