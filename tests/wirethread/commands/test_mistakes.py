"""A mistake is one line on standard error and an exit status, never a trace."""

import os
from pathlib import Path

import pytest

from tests.flows.driving import sample_rows, write_lines
from tests.wirethread.calling import Answer, call
from wirethread.storage.engine.lock import hold_run_lock

FAILED, USAGE, NOT_FOUND, BUSY, SOURCES_UNREAD = 1, 2, 3, 4, 5


def told(answer: Answer, code: int) -> str:
    """Return the one line that was told, after a look at what must hold for each."""
    assert answer.code == code, answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err
    (line,) = answer.err.splitlines()
    assert line.startswith("wirethread: ")
    return line.removeprefix("wirethread: ")


ASKING = [
    ["stories"],
    ["story", "s0123456789abcdef"],
    ["article", "abc"],
    ["similar", "an earthquake"],
    ["sql", "SELECT 1"],
    ["correct", "list"],
]


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_nothing_published_yet_is_told_with_what_to_do(command: list[str], tmp_path: Path) -> None:
    line = told(call(*command, "--data", tmp_path), NOT_FOUND)
    assert line == (
        f"nothing has been published in {tmp_path} yet: run `wirethread run SOURCE` first"
    )
    assert list(tmp_path.iterdir()) == [], "a question leaves nothing behind"


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_a_damaged_snapshot_is_told(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "published.duckdb").write_bytes(b"no database" * 1000)
    line = told(call(*command, "--data", tmp_path), FAILED)
    assert str(tmp_path / "published.duckdb") in line


@pytest.mark.thorough
@pytest.mark.usefixtures("shown")
def test_unknown_ids_are_told() -> None:
    assert told(call("story", "nosuch"), NOT_FOUND).endswith("has the id nosuch")
    assert told(call("article", "nosuch"), NOT_FOUND) == "no article has the id nosuch"
    assert told(call("correct", "undo", "nosuch"), FAILED).startswith("no correction")
    assert "nosuch" in told(call("correct", "join", "nosuch", "mp-quake-1"), NOT_FOUND)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("option", ["--since", "--until"])
@pytest.mark.parametrize("text", ["soon", "2024-13-01", "12/03/2024", ""])
def test_a_time_that_is_none_is_told(option: str, text: str) -> None:
    for command in (["stories"], ["similar", "an earthquake"]):
        line = told(call(*command, option, text), USAGE)
        assert line == f"{option}: {text!r} is no day or time like 2024-03-11"


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "COPY articles TO '/tmp/wirethread-test.csv'",
        "COPY (SELECT 1) TO '/tmp/wirethread-test.csv'",
        "EXPORT DATABASE '/tmp/wirethread-test'",
        "ATTACH '/tmp/wirethread-test.duckdb' AS other",
        "DELETE FROM store.articles",
        "INSERT INTO store.counters VALUES ('mine', 1)",
        "UPDATE store.articles SET headline = 'mine'",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE TEMP TABLE mine AS SELECT 1",
        "DROP VIEW articles",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "SELECT 1; DELETE FROM store.articles",
        "CALL pragma_version()",
        "SELECT getenv('HOME')",
    ],
)
def test_sql_that_writes_or_reads_files_is_refused(query: str) -> None:
    before = call("sql", "SELECT count(*) AS n FROM articles", "--json").json()
    assert told(call("sql", query), FAILED)
    assert not Path("/tmp/wirethread-test.csv").exists()
    assert call("sql", "SELECT count(*) AS n FROM articles", "--json").json() == before


@pytest.mark.usefixtures("shown")
def test_mistakes_in_sql_are_told_in_duckdbs_words() -> None:
    assert "syntax error" in told(call("sql", "SELEC 1"), FAILED)
    assert '"headlin"' in told(call("sql", "SELECT headlin FROM articles"), FAILED)
    assert "article does not exist" in told(call("sql", "FROM article"), FAILED)
    assert told(call("sql", ""), FAILED)
    assert told(call("sql", "   -- nothing"), FAILED)
    assert told(call("sql", "SELECT 1 / 'a'"), FAILED)


@pytest.mark.usefixtures("shown")
def test_an_empty_text_is_like_nothing() -> None:
    assert told(call("similar", "  "), USAGE) == "similar: the text is empty"
    neither = "similar: give a text, or --from with a file of texts"
    assert told(call("similar"), USAGE) == neither
    assert told(call("similar", "words", "--from", "-"), USAGE) == neither
    missing = told(call("similar", "--from", "nowhere.txt", "--by", "words"), FAILED)
    assert missing == "nowhere.txt cannot be read: No such file or directory"


@pytest.mark.usefixtures("shown")
def test_an_unknown_model_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"embedding:\n  model: {tmp_path}/none\n", encoding="utf-8")
    line = told(call("similar", "an earthquake", "--config", file), FAILED)
    assert line == f"there is no model folder {tmp_path}/none"


@pytest.mark.parametrize(
    "command", [["run", "x.jsonl"], ["stories"], ["similar", "x"], ["config"]], ids=" ".join
)
def test_broken_settings_are_told_with_file_line_and_key(
    command: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("matching:\n  min_wrods: 5\n", encoding="utf-8")
    line = told(call(*command, "--config", file), USAGE)
    assert line == f"{file}:2: matching.min_wrods: unknown setting"
    missing = tmp_path / "none.yaml"
    assert told(call(*command, "--config", missing), USAGE) == f"{missing}: no such settings file"


@pytest.mark.usefixtures("shown")
def test_a_settings_file_that_is_named_counts_although_the_data_folder_is_too(
    tmp_path: Path,
) -> None:
    missing = tmp_path / "none.yaml"
    assert told(call("stories", "--config", missing), USAGE).endswith("no such settings file")


def test_evaluate_tells_what_it_cannot_read(tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    assert str(missing) in told(call("evaluate", "stories", missing), FAILED)
    unlabelled = write_lines(tmp_path / "plain.jsonl", sample_rows(["tcs-cup"]))
    line = told(call("evaluate", "stories", unlabelled), FAILED)
    assert line == f"{unlabelled}: no line has both `id` and `story`"
    broken = write_lines(tmp_path / "broken.jsonl", ['{"id": "a"', "{}"])
    assert told(call("evaluate", "stories", broken), FAILED).startswith(
        f"{broken}:1: not valid JSON"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuchcommand"],
        ["stories", "--limit", "0"],
        ["stories", "--limit", "many"],
        ["stories", "--state", "asleep"],
        ["stories", "--nosuchoption"],
        ["similar", "x", "--by", "smell"],
        ["story"],
        ["sql"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_shows_the_usage(arguments: list[str]) -> None:
    answer = call(*arguments)
    assert answer.code == USAGE
    assert "Usage:" in answer.err
    assert "Traceback" not in answer.err


def test_run_without_any_source_says_what_to_name() -> None:
    answer = call("run")
    assert answer.code == USAGE
    assert "name files, folders or addresses" in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.thorough
@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_run_tells_what_it_could_not_read_and_takes_in_the_rest(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "news.jsonl", sample_rows(["tcs-cup", "pvc-guide"]))
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(bytes(range(256)) * 10)
    unknown = tmp_path / "picture.png"
    unknown.write_bytes(b"\x89PNG")
    missing = tmp_path / "none.jsonl"
    answer = call("run", missing, binary, news, unknown, "--data", tmp_path / "data", "--json")
    assert answer.code == SOURCES_UNREAD
    assert "Traceback" not in answer.err
    import json

    result = json.loads(answer.out)
    assert [one.partition(": ")[0] for one in result["unreadable_sources"]] == [
        str(missing),
        str(binary),
        str(unknown),
    ]
    counts = {one["step"]: one["counts"] for one in result["steps"]}
    assert counts["read"]["n_new_articles"] == 2

    table = call("run", news, missing, "--data", tmp_path / "data")
    assert table.code == SOURCES_UNREAD
    assert table.out.startswith("Nothing new: 2 articles known already")
    assert f"not read: {missing}: there is no such file or folder" in " ".join(table.out.split())
    assert len(call("stories", "--data", tmp_path / "data", "--json").json()) == 2


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_run_leaves_where_another_run_is_writing(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "news.jsonl", sample_rows(["tcs-cup"]))
    with hold_run_lock(tmp_path / "data"):
        line = told(call("run", news, "--data", tmp_path / "data"), BUSY)
    assert line == f"another run (process {os.getpid()}) is writing to {tmp_path / 'data'}"


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_run_tells_that_a_data_folder_cannot_be_written(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "news.jsonl", sample_rows(["tcs-cup"]))
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    line = told(call("run", news, "--data", tmp_path / "file"), FAILED)
    assert line.startswith(f"cannot write in the data folder {tmp_path / 'file'}")
