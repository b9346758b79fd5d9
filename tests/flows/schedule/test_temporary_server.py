"""The server that a run begins before Prefect is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.flows.driving import FIRST_DAY, fetch, sample_rows, write_lines
from wirethread.flows.schedule.temporary_server import begin_temporary_server

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import json, os, sys
from urllib.request import urlopen
from wirethread.flows.settings.config import Settings
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.schedule.start import run_once

settings = Settings(data_folder=sys.argv[2], embedding=EmbeddingSettings(model="hashing"))
run_once([sys.argv[1]], settings)
address = os.environ["PREFECT_API_URL"]
with urlopen(f"{address}/health") as answer:
    print(json.dumps([address, answer.status]))
"""


@pytest.mark.prefect
def test_a_run_has_a_server_of_its_own_that_ends_with_it(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "news.jsonl", sample_rows(FIRST_DAY))
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(news), str(tmp_path / "data")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    address, status = json.loads(done.stdout)
    assert status == 200
    assert fetch(tmp_path / "data", "SELECT state FROM runs") == [("finished",)]
    with pytest.raises(URLError):
        urlopen(f"{address}/health", timeout=5)


# what may name a server: a variable, or a file of the home or of the working folder
NAMED = {
    "a variable": ("PREFECT_API_URL", "http://127.0.0.1:4200/api"),
    "a profile": ("PREFECT_PROFILE", "work"),
    "a setting of servers": ("PREFECT_SERVER_API_PORT", "4201"),
    "home/profiles.toml": ("", 'active = "work"\n'),
    "prefect.toml": ("", "[api]\n"),
    "pyproject.toml": ("", '[tool.prefect.api]\nurl = "http://127.0.0.1:4200/api"\n'),
    ".env": ("", "PREFECT_API_URL=http://127.0.0.1:4200/api\n"),
}


@pytest.mark.parametrize("how", NAMED)
def test_where_a_server_may_be_named_prefect_finds_it(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in os.environ if one.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    for name in [one for one in sys.modules if one.partition(".")[0] == "prefect"]:
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    variable, words = NAMED[how]
    if variable:
        monkeypatch.setenv(variable, words)
    else:
        Path(how).write_text(words)
    before = dict(os.environ)
    begin_temporary_server()()
    assert dict(os.environ) == before


def test_a_program_that_has_prefect_already_keeps_its_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prefect", sys)
    before = dict(os.environ)
    begin_temporary_server()()
    assert dict(os.environ) == before
