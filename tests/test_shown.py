"""What the README and the pages of documentation show is run, and prints what they show.

`console` and `python` blocks are run, in order, in a folder where the demo was run. What cannot be
run here (it installs, serves, or needs a network) stands in blocks of `sh`, `ini`, `dockerfile` and
`nginx`, and is checked for its form.
"""

import configparser
import gzip
import io
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click import Command, Context
from starlette.testclient import TestClient
from typer.main import get_command

from tests.conftest import Demo
from tests.flows.driving import SAMPLE, hashing_settings, run_plainly, sample_rows, write_lines
from tests.flows.intake.test_versions import AGENCY, CONCERT, PAPER, PAPER_LATER
from tests.flows.steps.test_outdated import COPY, CORRECTED, TRUTHFUL
from tests.wirethread.calling import call
from wirethread.articles.credits.agencies import load_agencies
from wirethread.articles.credits.own_lists import use_lists_of
from wirethread.cli import app
from wirethread.flows.settings.config import load_settings
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(wirethread [a-z][^`\n]*)`")
GAPS = ("...", "…")
RUN, CHECKED = {"console", "python"}, {"sh", "ini", "dockerfile", "nginx", "yaml", "json"}
OWN_TEST = {"docs/python.md"}
"""Pages that another test runs, with all that they print."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def read_blocks() -> Iterator[Block]:
    """Yield every fenced block of the project's pages, page by page."""
    for page in sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("benchmarks/*.md")]):
        for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            yield Block(page.relative_to(ROOT).as_posix(), language, text)


BLOCKS = tuple(read_blocks())
COMMANDS = get_command(app)


def list_blocks(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def is_run(block: Block) -> bool:
    is_transcript = block.language == "text" and block.text.startswith("$ wirethread ")
    return block.page not in OWN_TEST and (block.language in RUN or is_transcript)


PAGES = sorted({block.page for block in BLOCKS if is_run(block)})


@pytest.fixture
def shown_folder(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy of the demo, and the files that the pages speak of."""
    shutil.copytree(demo.folder, tmp_path / "wirethread-demo")
    shutil.copy(SAMPLE, tmp_path / "articles.jsonl")
    rows = sample_rows()
    with gzip.open(tmp_path / "more-articles.jsonl.gz", "wt", encoding="utf-8") as packed:
        packed.write(json.dumps(rows[0]) + "\n")
    (tmp_path / "folder-of-articles").mkdir()
    write_lines(tmp_path / "folder-of-articles" / "day.jsonl", rows[1:3])
    truth = json.loads(SAMPLE.with_name("truth.json").read_text(encoding="utf-8"))
    stories = {
        source_id: name
        for name in ("quake-strikes", "quake-rescue")
        for source_id in ("mp-quake-1", *truth["stories"][name][:3])
        if name == "quake-strikes" or source_id != "mp-quake-1"
    }
    labelled = [{**row, "story": stories[row["id"]]} for row in rows if row["id"] in stories]
    write_lines(tmp_path / "labelled.jsonl", labelled)
    write_lines(tmp_path / "gold.jsonl", write_gold(rows))
    (tmp_path / "export.csv").write_text("kop;inhoud\nSneeuw;De pas is dicht.\n", encoding="utf-8")
    (tmp_path / "questions.txt").write_text("rescuers dug\nfactory fire\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIRETHREAD_DATA", str(tmp_path / "wirethread-demo"))
    return tmp_path


@pytest.fixture(scope="session")
def ferry_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of docs/versions.md: a morning with the agency's copy, a noon that corrects it."""
    folder = tmp_path_factory.mktemp("ferry")
    morning = write_lines(folder / "morning.jsonl", [AGENCY, PAPER, COPY, CONCERT])
    noon = write_lines(folder / "noon.jsonl", [CORRECTED, TRUTHFUL, PAPER_LATER])
    for news in (morning, noon):
        run_plainly([news], hashing_settings(folder / "data"))
    return folder / "data"


def write_gold(rows: list[dict[str, str]]) -> list[dict[str, object]]:
    """Return a label of one passage, as `evaluate passages` reads it."""
    by_id = {row["id"]: row["text"] for row in rows}
    host, source = by_id["mp-quake-1"], by_id["rtr-quake-1"]
    words = max(set(host.split("\n\n")) & set(source.split("\n\n")), key=len)
    begins = {"host": host.index(words), "source": source.index(words)}
    return [
        {
            "host_id": "mp-quake-1",
            "source_id": "rtr-quake-1",
            "level": "verbatim",
            **{f"{side}_begin": begin for side, begin in begins.items()},
            **{f"{side}_end": begin + len(words) for side, begin in begins.items()},
        }
    ]


def split_session(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console block and the lines that are shown below it."""
    marked = any(line.startswith("$ ") for line in text.splitlines())
    command, printed = "", list[str]()
    for line in text.splitlines():
        if line.startswith("$ ") or (not marked and line.strip()):
            if command:
                yield command, printed
            command, printed = line.removeprefix("$ "), []
        elif line.strip():
            printed.append(line)
    if command:
        yield command, printed


def list_unprinted(shown: list[str], printed: str) -> list[str]:
    """Return the parts that were not printed in this order, however lines are broken.

    A line `…` or `...` parts them; `…` within a line stands for anything.
    """
    marked = ["\0" if line.strip() in GAPS else " ".join(line.split()) for line in shown]
    words, place, missing = " ".join(printed.split()), 0, []
    for part in filter(None, (part.strip() for part in " ".join(marked).split("\0"))):
        pattern = ".*?".join(re.escape(piece) for piece in part.split("…"))
        found = re.compile(pattern).search(words, place)
        if found is None:
            missing.append(part)
        else:
            place = found.end()
    return missing


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.thorough) if page == "README.md" else page
        for page in PAGES
    ],
)
def test_commands_of_a_page_run_in_order_and_print_what_is_shown(
    page: str,
    shown_folder: Path,
    ferry_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    n_run = 0
    if page == "docs/versions.md":
        monkeypatch.setenv("WIRETHREAD_DATA", str(ferry_folder))
    for block in BLOCKS:
        if block.page != page or not is_run(block):
            continue
        n_run += 1
        if block.language == "python":
            exec(compile(block.text, page, "exec"), {})
            assert capsys.readouterr().out.strip(), block.text
            continue
        for command, shown in split_session(block.text):
            words = shlex.split(command, comments=True)
            assert words[0] == "wirethread", f"{command}: a command of another program is `sh`"
            asked = io.TextIOWrapper(io.BytesIO(b"rescuers dug\n"))
            monkeypatch.setattr(sys, "stdin", asked)
            answer = call(*words[1:])
            assert answer.code == 0, f"{command}\n{answer.err}"
            written = [Path(word) for flag, word in itertools.pairwise(words) if flag == "--output"]
            assert answer.out.strip() or written, command
            assert all(file.stat().st_size for file in written), command
            assert list_unprinted(shown, answer.out) == [], answer.out
    assert n_run


def test_every_block_says_what_it_is() -> None:
    known = RUN | CHECKED | {"text"}
    assert [block for block in BLOCKS if block.language not in known] == []


def find_command(words: list[str]) -> tuple[Command, Context, list[str]]:
    """Return the command that words name, its context, and the words behind its name."""
    command: Command = COMMANDS
    context = Context(command, info_name="wirethread")
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]  # type: ignore[attr-defined]
        context = Context(command, info_name=words[0], parent=context)
        words = words[1:]
    return command, context, words


def list_shell_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each `wirethread` command in shell lines."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\||;(?![^']*')", line):
            words = shlex.split(part, comments=True)
            while words and "=" in words[0]:
                words = words[1:]
            if words and Path(words[0]).name == "wirethread":
                yield list(itertools.takewhile(lambda word: word not in {">", ">>", "<"}, words))


@pytest.mark.parametrize("block", list_blocks("sh"), ids=lambda block: block.page)
def test_commands_that_cannot_run_here_are_spelt_right(block: Block) -> None:
    subprocess.run(["sh", "-n"], input=block.text, text=True, check=True, timeout=30)
    for words in list_shell_commands(block.text):
        command, context, rest = find_command(words[1:])
        command.make_parser(context).parse_args(list(rest))
    for target in re.findall(r"\bmake ([a-z-]+)", block.text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for extra in re.findall(r"wirethread\[([a-z,]+)\]", block.text):
        assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text(), extra


def test_commands_within_sentences_have_the_options_that_they_name() -> None:
    wrong = []
    for page in sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")]):
        for line in INLINE.findall(page.read_text(encoding="utf-8")):
            command, context, rest = find_command(line.replace('"', " ").split()[1:])
            options = {name for param in command.get_params(context) for name in param.opts}
            named = {word.split("=")[0].rstrip(".,") for word in rest if word.startswith("--")}
            is_group = bool(getattr(command, "commands", None))
            if named - options - {"--help", "--version"} or (is_group and rest):
                wrong.append(f"{page.name}: {line}")
    assert wrong == []


@pytest.mark.parametrize("block", list_blocks("ini"), ids=lambda block: block.page)
def test_units_are_ones_that_systemd_takes(block: Block, tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read_string(block.text)
    service = unit["Service"] if unit.has_section("Service") else {}
    for words in list_shell_commands(service.get("ExecStart", "")):
        command, context, rest = find_command(words[1:])
        command.make_parser(context).parse_args(list(rest))
    if shutil.which("systemd-analyze") is None:
        return
    here = re.sub(r"=/opt/wirethread/\S+", f"={shutil.which('true')}", block.text)
    kind = "timer" if "Timer" in unit else "service"
    file = tmp_path / f"shown.{kind}"
    file.write_text(re.sub(r"^User=.*\n", "", here, flags=re.MULTILINE), encoding="utf-8")
    if kind == "timer":
        program = shutil.which("true")
        file.with_suffix(".service").write_text(f"[Service]\nType=oneshot\nExecStart={program}\n")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if f"shown.{kind}" in line]
    assert complaints == []


@pytest.mark.parametrize("block", list_blocks("dockerfile"), ids=lambda block: block.page)
def test_container_files_have_known_instructions_and_commands(block: Block) -> None:
    lines = block.text.replace("\\\n", " ").splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if line and line[0] != "#"]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "ENTRYPOINT", "CMD", "HEALTHCHECK"}
    assert [words[0] for words in instructions if words[0] not in known] == []
    assert instructions[0][0] == "FROM"
    for words in re.findall(r"^(?:CMD|HEALTHCHECK.* CMD) (\[.*\])", block.text, re.MULTILINE):
        named = [word for word in json.loads(words) if word != "wirethread"]
        command, context, rest = find_command(named)
        command.make_parser(context).parse_args(list(rest))


@pytest.mark.parametrize("block", list_blocks("nginx"), ids=lambda block: block.page)
def test_nginx_lines_end_and_close(block: Block) -> None:
    lines = [line.partition("#")[0].strip() for line in block.text.splitlines()]
    assert [line for line in lines if line and line[-1] not in "{};"] == []
    assert block.text.count("{") == block.text.count("}")


@pytest.mark.parametrize("block", list_blocks("yaml"), ids=lambda block: block.page)
def test_settings_are_ones_that_wirethread_takes(block: Block, tmp_path: Path) -> None:
    content = yaml.safe_load(block.text)
    if isinstance(content, dict):
        file = tmp_path / "config.yaml"
        file.write_text(block.text, encoding="utf-8")
        load_settings(file)
        return
    (tmp_path / "agencies.yaml").write_text(block.text, encoding="utf-8")
    try:
        use_lists_of(tmp_path)
        assert {entry["name"] for entry in content} <= {agency.name for agency in load_agencies()}
    finally:
        use_lists_of(ROOT)


@pytest.mark.parametrize("block", list_blocks("json"), ids=lambda block: block.page)
def test_objects_are_json_and_start_commands_that_are_there(block: Block) -> None:
    for server in json.loads(block.text)["mcpServers"].values():
        command, context, rest = find_command(server["args"])
        assert server["command"] == "wirethread"
        command.make_parser(context).parse_args(list(rest))


@pytest.mark.thorough
@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_addresses_that_are_asked_with_curl_answer(demo: Demo) -> None:
    asked = [
        url for block in list_blocks("sh") for url in re.findall(r"curl -s '([^']+)'", block.text)
    ]
    assert asked
    with TestClient(make_app(WebSettings(folder=demo.folder)), base_url="http://127.0.0.1") as site:
        for url in asked:
            assert site.get(url.partition(":8517")[2]).status_code == 200, url


_READ_NOTEBOOK = """
import json
import os, runpy, sys
outputs, found = runpy.run_path(sys.argv[1], run_name="notebook")["app"].run()
print(json.dumps({
    "columns": found["wire_shares"].pl().columns,
    "copied": sorted({pair.from_outlet for pair in found["copies"]}),
    "is_whole": found["spread"].table.pl().height == found["widest"].n_places,
    "is_first": found["story"].summary.thread_id == found["stories"][0].thread_id,
    "n_shown": sum(output is not None for output in outputs),
}))
"""


@pytest.mark.thorough
@pytest.mark.needs("marimo")
@pytest.mark.model
def test_the_notebook_runs_over_the_sample(demo: Demo) -> None:
    # apart: where marimo is loaded, transformers takes its process for a notebook of IPython
    done = subprocess.run(
        [sys.executable, "-c", _READ_NOTEBOOK, str(DOCS / "notebook.py")],
        env={**os.environ, "WIRETHREAD_DATA": str(demo.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["columns"] == ["outlet", "n_articles", "wire_share"]
    assert {"Reuters", "AP"} <= set(found["copied"])
    assert found["is_whole"]
    assert found["is_first"]
    assert found["n_shown"] >= 9


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--quiet",
            "-d",
            str(tmp_path / "site"),
        ],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    pages = {page.stem for page in (tmp_path / "site").glob("*.html")} - {"404"}
    assert pages == {page.stem for page in DOCS.glob("*.md")}
    outside = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"?https?://")
    for page in pages:
        words = (tmp_path / "site" / f"{page}.html").read_text(encoding="utf-8")
        assert not outside.search(words), page


def test_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = COMMANDS.commands  # type: ignore[attr-defined]
    assert [name for name in commands if f"wirethread {name}" not in readme] == []
