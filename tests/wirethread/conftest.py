from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def hashing_config(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Stand in an empty folder, under a settings file that names the small model."""
    folder = tmp_path_factory.mktemp("here")
    file = folder / "hashing.yaml"
    file.write_text("embedding:\n  model: hashing\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("WIRETHREAD_DATA", raising=False)
    monkeypatch.setenv("WIRETHREAD_CONFIG", str(file))
    return file


@pytest.fixture
def shown(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ask the published sample where a command names no data folder."""
    monkeypatch.setenv("WIRETHREAD_DATA", str(published))
    return published
