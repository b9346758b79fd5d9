"""The picture of the house, and what follows from it: who imports whom, and which door is whose.

Within a package a room imports only rooms that stand to its right in the picture; rooms parted by
`|` never import one another. Modules of a package that the picture does not name stand on its last
floor: all its rooms may import them, and they import nothing above it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = {
    "articles": (),
    "embedding": ("articles",),
    "clustering": ("articles",),
    "storage": ("articles",),
    "sources": ("articles",),
    "flows": ("articles", "embedding", "clustering", "storage", "sources"),
    "wirethread": ("articles", "embedding", "clustering", "storage", "sources", "flows"),
}
"""By package: those that it may import."""

PICTURE = """
wirethread: __main__ -> cli -> commands -> assistants -> python -> plots -> web -> terminal -> drawing -> exports -> questions -> passage_search
flows:      schedule -> tasks | ingesting -> pipeline -> recorded_run -> operations -> reports | evaluation -> road -> work -> steps | intake -> stages | runners -> runs -> settings
storage:    sharing -> publish -> upkeep | answers -> words -> vectors -> catalog -> subjects -> tables -> shared -> engine
clustering: stories | changes | measures -> links | passages -> matching -> candidates -> crowds -> paragraphs
sources:    crawl | feeds -> web
articles:   reading -> pages -> records -> parsing -> credits -> dates -> types
"""

DOORS = {
    "prefect": {"flows"},
    "duckdb": {"storage"},
    "faiss": {"storage"},
    "tantivy": {"storage"},
    "dask": {"flows"},
    "distributed": {"flows"},
    "loky": {"flows"},
    "sentence_transformers": {"embedding"},
    "torch": {"embedding"},
    "typer": {"wirethread"},
    "rich": {"wirethread"},
    "pydantic": {"flows"},
    "feedparser": {"sources"},
    "protego": {"sources"},
    "yaml": {"flows", "articles", "clustering", "wirethread"},
}
"""By library: the packages that may import it."""

ROOM_DOORS = {
    "fastapi": "wirethread.web",
    "mcp": "wirethread.assistants",
    "altair": "wirethread.plots",
    "starlette": "wirethread.web",
    "jinja2": "wirethread.web",
    "markupsafe": "wirethread.web",
    "uvicorn": "wirethread.web",
}
"""By library: the one room that may import it."""

MOST_FILES = 14
"""Files of Python in a folder."""


def read_picture() -> dict[str, list[list[str]]]:
    """Return by package its floors from the top down, each the rooms that stand side by side."""
    return {
        package.strip(): [re.split(r"[ |]+", floor.strip()) for floor in floors.split("->")]
        for package, floors in (line.split(":") for line in PICTURE.strip().splitlines())
    }


def list_modules(package: str) -> Iterator[Path]:
    """Yield the modules of a package; those inside the links of `wirethread` are others'."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if package != "wirethread" or path.relative_to(ROOT).parts[1] not in PACKAGES:
            yield path


def name_module(path: Path) -> str:
    """Return the name under which a module is imported."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return name if name.startswith("wirethread") else f"wirethread.{name}"


MODULES = {name_module(path): path for package in PACKAGES for path in list_modules(package)}


@cache
def list_nodes(path: Path) -> list[ast.AST]:
    """Return all that a module says, read once; what it says first stands first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def list_imports(path: Path) -> Iterator[str]:
    """Yield what a module imports, by full name, wherever in it the import stands."""
    for node in list_nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


@cache
def read_imports() -> Mapping[str, frozenset[str]]:
    """Return by module what it imports."""
    return {module: frozenset(list_imports(path)) for module, path in MODULES.items()}


def list_inner_imports() -> Iterator[tuple[str, str]]:
    for module, names in read_imports().items():
        yield from ((module, name) for name in names if name in MODULES and name != module)


def find_package(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in PACKAGES else "wirethread"


def find_room(module: str) -> str:
    """Return the room of a module within its package; for one on the ground floor its own name."""
    inner = module.removeprefix("wirethread.").removeprefix(f"{find_package(module)}.")
    return inner.partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_stands_before_them(package: str) -> None:
    wrong = {
        f"{module} imports {name}"
        for module, name in list_inner_imports()
        if find_package(module) == package
        and find_package(name) not in {*PACKAGES[package], package}
        and name != "wirethread"
    }
    assert wrong == set()


@pytest.mark.parametrize("package", read_picture())
def test_rooms_import_only_what_stands_to_their_right_in_the_picture(package: str) -> None:
    floors = read_picture()[package]
    height = {room: len(floors) - number for number, floor in enumerate(floors) for room in floor}
    wrong = set()
    for module, name in list_inner_imports():
        if find_package(module) != package or find_package(name) != package:
            continue
        above, below = find_room(module), find_room(name)
        if above != below and below in height and height.get(above, 1.5) <= height[below]:
            wrong.add(f"{module} imports {name}")
    assert wrong == set()


@pytest.mark.parametrize("package", read_picture())
def test_the_picture_names_every_room(package: str) -> None:
    rooms = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    named = set(chain.from_iterable(read_picture()[package]))
    assert rooms - named - set(PACKAGES) == set()
    assert {room for room in named if not (ROOT / package / f"{room}.py").is_file()} <= rooms


def test_no_circle_of_imports() -> None:
    import networkx as nx

    graph = nx.DiGraph(list_inner_imports())
    assert [
        sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1
    ] == []


@pytest.mark.parametrize("library", DOORS)
def test_each_heavy_library_has_one_door(library: str) -> None:
    wrong = {
        f"{module} imports {library}"
        for module, names in read_imports().items()
        if find_package(module) not in DOORS[library]
        and any(name.partition(".")[0] == library for name in names)
    }
    assert wrong == set()


@pytest.mark.parametrize("library", ROOM_DOORS)
def test_the_web_framework_stays_in_its_room(library: str) -> None:
    wrong = {
        f"{module} imports {library}"
        for module, names in read_imports().items()
        if not f"{module}.".startswith(f"{ROOM_DOORS[library]}.")
        and any(name.partition(".")[0] == library for name in names)
    }
    assert wrong == set()


CONNECTION = "Database"
"""The type of an open connection, which `storage` keeps to itself."""


def list_connection_users() -> Iterator[str]:
    """Yield what of `storage` is a connection, opens one, or has to be given one."""
    for module, path in MODULES.items():
        if find_package(module) != "storage":
            continue
        for node in list_nodes(path)[0].body:
            if isinstance(node, ast.ClassDef) and node.name == CONNECTION:
                yield f"{module}.{node.name}"
            elif isinstance(node, ast.FunctionDef):
                given = [argument.annotation for argument in node.args.args]
                given.append(node.returns)
                if any(kind and ast.unparse(kind).strip("'") == CONNECTION for kind in given):
                    yield f"{module}.{node.name}"


def list_touched(path: Path) -> Iterator[str]:
    """Yield the names that a module imports one by one, and every attribute that it asks for."""
    for node in list_nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_nothing_outside_storage_touches_a_connection_or_a_transaction() -> None:
    kept = {*list_connection_users(), "_database", "database", "transaction"}
    assert {
        "wirethread.storage.engine.database.Database",
        "wirethread.storage.engine.database.open_writer",
        "wirethread.storage.tables.versions.find_series",
    } <= kept
    wrong = {
        f"{module} touches {name}"
        for module, path in MODULES.items()
        if find_package(module) != "storage"
        for name in list_touched(path)
        if name in kept
    }
    assert wrong == set()


STATEMENT = re.compile(
    r"\s*(?:WITH\b.*\bAS\b.*\bSELECT|SELECT\b.*\bFROM|INSERT INTO|UPDATE\b.*\bSET|DELETE FROM)\b",
    re.DOTALL,
)
SHOWN_STATEMENTS = {"wirethread.web.pages.sql"}
"""Modules with questions in SQL for people to begin from."""


def list_statements(path: Path) -> Iterator[str]:
    """Yield the words of a module that are a statement of SQL, docstrings and all."""
    for node in list_nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from STATEMENT.findall(node.value) if STATEMENT.match(node.value) else ()


def test_statements_of_sql_stand_in_storage_alone() -> None:
    users = {module for module, path in MODULES.items() if any(list_statements(path))}
    assert len(users) > 50
    outside = {module for module in users if find_package(module) != "storage"}
    assert outside == SHOWN_STATEMENTS


def test_benchmarks_reach_the_tables_by_one_function() -> None:
    users = {
        path.relative_to(ROOT / "benchmarks").as_posix()
        for path in (ROOT / "benchmarks").rglob("*.py")
        if not {"_database", "database"}.isdisjoint(list_touched(path))
    }
    assert users == {"made/inside.py"}


@cache
def list_names(path: Path) -> frozenset[str]:
    """Return what a module defines, or imports, at any place of its own."""
    names: set[str] = set()
    for node in list_nodes(path):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return frozenset(names)


@pytest.mark.parametrize("kind", ["tests", "benchmarks"])
def test_what_tests_and_benchmarks_import_is_there(kind: str) -> None:
    modules = MODULES | {
        name_module(path).removeprefix("wirethread."): path
        for folder in ("tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    }
    lost = {
        f"{path.relative_to(ROOT)} imports {node.module}.{alias.name}"
        for path in (ROOT / kind).rglob("*.py")
        for node in list_nodes(path)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] in {"wirethread", "tests", "benchmarks"}
        and node.module != "wirethread"
        for alias in node.names
        if f"{node.module}.{alias.name}" not in modules
        and (node.module not in modules or alias.name not in list_names(modules[node.module]))
    }
    assert lost == set()


def test_no_folder_holds_more_files_than_one_can_take_in() -> None:
    folders = {path.parent for path in MODULES.values()}
    folders |= {
        path.parent for kind in ("tests", "benchmarks") for path in (ROOT / kind).rglob("*.py")
    }
    crowded = {
        str(folder.relative_to(ROOT)): number
        for folder in folders
        if (number := len(list(folder.glob("*.py")))) > MOST_FILES
    }
    assert crowded == {}


BESIDE_THE_HOUSE = {
    "tests/benchmarks",
    "tests/wirethread/browser",
    "benchmarks/gate",
    "benchmarks/made",
    "benchmarks/clustering/matching/peers",
    "benchmarks/clustering/stories/peers",
}
"""Folders of tests and benchmarks that are no package's and no room's."""
UNMEASURED = {"sources"}
"""Packages without benchmarks: what fetching takes is the network's time."""


@pytest.mark.parametrize("kind", ["tests", "benchmarks"])
def test_tests_and_benchmarks_stand_in_the_rooms_that_they_are_about(kind: str) -> None:
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / kind).rglob("*.py")}
    mirrored = {
        folder.relative_to(kind) for folder in folders if folder.as_posix() not in BESIDE_THE_HOUSE
    }
    rooms = {path.parent.relative_to(ROOT) for path in MODULES.values()}
    assert mirrored - rooms == {Path()}
    assert {folder.parts[0] for folder in mirrored if folder.parts} >= {*PACKAGES} - (
        UNMEASURED if kind == "benchmarks" else set()
    )


NAMED_BENCHMARK = re.compile(r"\bbenchmarks(?:(?:\.[a-z]\w*)+|(?:/[a-z0-9_]+)+(?:\.[a-z]+)?)\b")
"""A benchmark as a module or as a path."""


def test_every_benchmark_that_is_named_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *(ROOT / "docs").rglob("*.md")]
    pages += [ROOT / "Makefile", *(ROOT / "benchmarks").rglob("*.md"), *MODULES.values()]
    pages += [path for kind in ("tests", "benchmarks") for path in (ROOT / kind).rglob("*.py")]
    named = {
        (page.relative_to(ROOT).as_posix(), name)
        for page in pages
        for name in NAMED_BENCHMARK.findall(page.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    modules = {name_module(path) for path in (ROOT / "benchmarks").rglob("*.py")}
    lost = {
        f"{page} names {name}"
        for page, name in named
        if not (ROOT / name).exists() and f"wirethread.{name}" not in modules
    }
    assert lost == set()


def test_every_package_has_python_files_to_check() -> None:
    for package in PACKAGES:
        assert list(list_modules(package)), package
