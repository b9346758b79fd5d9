"""The documentation says what the program does now."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Demo
from wirethread.storage.answers.page.schema import list_views
from wirethread.storage.answers.page.views_page import write_views_page
from wirethread.storage.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_the_page_of_views_is_made_from_the_schema(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        views = list_views(catalog)
    assert (ROOT / "docs" / "views.md").read_text(encoding="utf-8") == write_views_page(views)


def test_every_view_and_column_says_what_it_holds(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        views = list_views(catalog)
    silent = [view.name for view in views if not view.comment]
    silent += [
        f"{view.name}.{column.name}"
        for view in views
        for column in view.columns
        if not column.comment
    ]
    assert silent == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


BLOCKS = re.compile(r"^```(python|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.model
@pytest.mark.prefect
def test_the_page_on_python_runs_and_prints_what_it_shows(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(demo.folder, tmp_path / "wirethread-demo")
    monkeypatch.chdir(tmp_path)
    blocks = BLOCKS.findall((ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    printed = ""
    for language, text in blocks:
        if language == "python":
            assert not printed.strip(), f"not shown: {printed}"
            exec(compile(text, "docs/python.md", "exec"), names)
            printed = capsys.readouterr().out
        else:
            assert printed == text
            printed = ""
    assert len(blocks) > 6
