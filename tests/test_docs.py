"""The documentation says what the program does now."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.conftest import Demo
from tests.wirethread.shaping import ANSWERS, SHAPES_VERSION, write_shapes_page
from wirethread.cli import app
from wirethread.flows.road import ROAD
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


def test_the_road_is_drawn_as_it_is_walked() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = page.partition("## The road")[2].partition("```text")[2].partition("```")[0]
    assert [" ".join(name.split()) for name in drawn.split("->")] == [step.name for step in ROAD]


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_no_field_of_version_1_has_gone() -> None:
    """Fields of `--json` that programs may rest on; one more is no matter, one less is a break."""
    shown = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    for record, names in {
        "CopyPair": "from_outlet to_outlet is_directed lag_minutes n_words relation agency is_credited",
        "Duplicate": "article_id representative_id score reason cluster_id chosen_by",
        "OutletWire": "outlet day n_articles n_with_wire n_uncredited wire_share copied_share",
        "ThreadSummary": "thread_id title state n_articles n_outlets n_independent_sources",
        "ArticleSummary": "article_id outlet headline url published_at derivation wire_share agencies",
        "DedupeResult": "n_records n_kept n_dropped n_rejected duplicate_share dropped rejected",
    }.items():
        section = shown.partition(f"\n## {record}\n")[2].partition("\n## ")[0]
        assert [name for name in names.split() if f"| `{name}` |" not in section] == [], record


def test_the_page_of_json_is_made_from_the_records() -> None:
    """A field that changes its name, its type or its meaning, or goes, raises SHAPES_VERSION."""
    shown = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert shown == write_shapes_page()
    assert f"Version {SHAPES_VERSION} of the shapes" in shown


def test_every_command_that_prints_json_says_what() -> None:
    def list_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from list_commands(command, f"{before}{name} ")
            else:
                yield f"{before}{name}", command

    program = typer.main.get_command(app)
    printing = {
        name
        for name, command in list_commands(program)
        if any("--json" in option.opts for option in command.params)
    }
    assert len(printing) > 20
    assert printing - {"sql", "config"} <= set(ANSWERS)


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
