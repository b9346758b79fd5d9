"""What `import wirethread` offers: named in one place, typed, and nothing before it is used."""

import ast
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import wirethread as wt

ROOT = Path(__file__).resolve().parents[3]
STUB = ast.parse((ROOT / "wirethread" / "__init__.pyi").read_text(encoding="utf-8"))


def test_every_name_is_there_and_typed() -> None:
    imported = {
        alias.asname: (alias.name, f"{node.module}.{alias.name}")
        for node in STUB.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # a type checker takes only `X as X` in a stub for a name that is handed on
    typed = {asname: place for asname, (name, place) in imported.items() if asname == name}
    typed |= {
        node.targets[0].id: imported[node.value.id][1]
        for node in STUB.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Name)
    }
    assert set(typed) == set(wt.__all__) - {"__version__"}
    for name, place in typed.items():
        module, _, attribute = str(place).rpartition(".")
        assert getattr(wt, str(name)) is getattr(sys.modules[module], attribute), name


def list_types(hint: Any, found: set[type]) -> set[type]:
    """Gather the types of ours that a hint holds, and those of the fields of each."""
    for inner in get_args(hint):
        list_types(inner, found)
    kind = get_origin(hint) or hint
    if isinstance(kind, type) and kind.__module__.startswith("wirethread") and kind not in found:
        found.add(kind)
        if is_dataclass(kind):
            hints = get_type_hints(kind)
            for field in fields(kind):
                list_types(hints[field.name], found)
    return found


def test_every_type_that_an_answer_holds_is_offered() -> None:
    offered = {getattr(wt, name) for name in wt.__all__}
    found: set[type] = set()
    for one in offered - {wt.Settings}:
        list_types(one, found)
    missing = {f"{kind.__module__}.{kind.__name__}" for kind in found - offered}
    assert missing == {
        # `wt.Article` and `wt.StoryCluster` are the answers, which hold these
        "wirethread.articles.types.articles.Article",
        "wirethread.articles.types.articles.StoryCluster",
    }


def test_every_error_is_one_family_and_offered() -> None:
    from wirethread.articles import errors

    assert set(errors.__all__) <= set(wt.__all__)
    assert all(issubclass(getattr(wt, name), wt.WirethreadError) for name in errors.__all__)


def test_importing_wirethread_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import wirethread as wt; wt.__all__;"
        "print(sorted({name for name in set(sys.modules) - before"
        " if name.partition('.')[0] not in sys.stdlib_module_names} | set(sys.modules)"
        " & {'typing', 'pathlib', 'datetime', 'dataclasses'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "['wirethread']"


def test_opening_an_archive_loads_no_model_and_no_prefect(published: Path, tmp_path: Path) -> None:
    code = (
        f"import sys, wirethread as wt; archive = wt.open({str(published)!r});"
        "archive.stories(); archive.sql('SELECT 1');"
        "heavy = {'torch', 'openvino', 'polars', 'prefect', 'fastapi', 'pydantic',"
        " 'faiss', 'scipy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "[]"
