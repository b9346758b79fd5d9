"""What a docstring owes: the shape and type of arrays, and the right name of a file it points to."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("articles", "embedding", "clustering", "storage", "sources", "flows", "wirethread")
ARRAY = r"NDArray\[|csr_array"
SHAPE = re.compile(r"\b(?:u?int|float|bool|str)\d*\[")
"""As float32[n, d]; a name in the brackets is what the axis counts."""
PATH = re.compile(
    rf"\b(?:{'|'.join((*PACKAGES, 'benchmarks', 'tests'))})/[\w/]+\.(?:py|yaml|sql)\b"
)
MADE_UP = {"storage/schema/NNNN_name.sql", "wirethread/config.yaml"}
"""A pattern for names, and a user's folder."""


def list_modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if package != "wirethread" or path.relative_to(ROOT).parts[1] not in PACKAGES:
                yield path


@cache
def read_trees() -> Mapping[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in list_modules()}


def find_array_types() -> re.Pattern[str]:
    """Return a pattern of array types, with the names that modules give them."""
    names = {
        node.targets[0].id
        for tree in read_trees().values()
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id[:1].isupper()
        and not node.targets[0].id.isupper()
        and re.search(ARRAY, ast.unparse(node.value))
    }
    assert {"Floats", "Places"} <= names
    return re.compile(rf"{ARRAY}|\b(?:{'|'.join(sorted(names))})\b")


def list_public_functions(
    body: list[ast.stmt], prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from list_public_functions(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node


@pytest.mark.heavy
def test_public_functions_state_shape_and_type_of_their_arrays() -> None:
    is_array = find_array_types()
    n_found, silent = 0, []
    for path, tree in read_trees().items():
        for name, function in list_public_functions(tree.body):
            given = [one.annotation for one in (*function.args.args, *function.args.kwonlyargs)]
            kinds = [ast.unparse(kind) for kind in (*given, function.returns) if kind is not None]
            if any(is_array.search(kind) for kind in kinds):
                n_found += 1
                if not SHAPE.search(ast.get_docstring(function) or ""):
                    silent.append(f"{path.relative_to(ROOT)}: {name}")
    assert n_found > 100
    assert silent == []


@pytest.mark.parametrize("package", [*PACKAGES, "benchmarks", "docs", "top"])
def test_files_that_texts_point_to_are_there(package: str) -> None:
    if package == "top":
        texts = [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    else:
        texts = [*(ROOT / package).glob("**/*.py"), *(ROOT / package).glob("**/*.md")]
    lost = {
        f"{path.relative_to(ROOT)} points to {name}"
        for path in texts
        for name in PATH.findall(path.read_text(encoding="utf-8"))
        if name not in MADE_UP and not (ROOT / name).exists()
    }
    assert lost == set()
