"""How serving begins."""

from pathlib import Path

import pytest
import uvicorn

from wirethread.web.serving import serve_site
from wirethread.web.settings import WebSettings


def test_who_serves_a_folder_that_is_not_there_is_told_that_a_run_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    told: list[str] = []
    (tmp_path / "there").mkdir()
    for name in ("there", "nowhere"):
        serve_site(WebSettings(folder=tmp_path / name, port=0), told.append)
    assert [line.partition(" shows ")[2] for line in told] == [
        f"{tmp_path / 'there'}; Ctrl+C stops",
        f"{tmp_path / 'nowhere'} once a run has made it; Ctrl+C stops",
    ]
