"""Imports run one way, and each heavy library has one door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "articles": set(),
    "embedding": {"articles"},
    "clustering": {"articles"},
    "storage": {"articles"},
    "sources": {"articles"},
    "flows": {"articles", "embedding", "clustering", "storage", "sources"},
    "wirethread": {"articles", "embedding", "clustering", "storage", "sources", "flows"},
}
ONLY_DOOR = {
    "prefect": {"flows"},
    "duckdb": {"storage"},
    "faiss": {"storage"},
    "tantivy": {"storage"},
    "sentence_transformers": {"embedding"},
    "torch": {"embedding"},
    "typer": {"wirethread"},
    "rich": {"wirethread"},
    "pydantic": {"flows"},
    "feedparser": {"sources"},
    "protego": {"sources"},
    "yaml": {"flows", "articles", "wirethread"},
}


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name_package(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield name_package(node.module)


def name_package(module: str) -> str:
    """Return which of our packages a module belongs to, else the library."""
    first, _, rest = module.partition(".")
    second = rest.partition(".")[0]
    return second if first == "wirethread" and second in MAY_IMPORT else first


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_stands_before_them(package: str) -> None:
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package}
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported_names(path)
        if name in forbidden
    }
    assert wrong == set()


@pytest.mark.parametrize("library", ONLY_DOOR)
def test_each_heavy_library_has_one_door(library: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {library}"
        for package in set(MAY_IMPORT) - ONLY_DOOR[library]
        for path in (ROOT / package).rglob("*.py")
        for name in imported_names(path)
        if name == library
    }
    assert wrong == set()


def test_every_package_has_python_files_to_check() -> None:
    for package in MAY_IMPORT:
        assert list((ROOT / package).rglob("*.py")), package
