"""What is exported can be opened elsewhere, and read back it gives the same archive."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import parquet

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from tests.wirethread.calling import ROOT, call, call_apart
from wirethread.articles.errors import StorageError
from wirethread.exports.folder import export_archive
from wirethread.questions import query_sql

FORMS = ("parquet", "csv", "ndjson")
COMPARED = (
    "SELECT article_id, outlet, headline, byline, dateline, text, language, url, published_at,"
    " published_precision, updated_at, version, is_current, source_id FROM articles",
    "SELECT * FROM wire_credits",
    "SELECT paragraph_id, kind, text FROM paragraphs",
    "SELECT passage_id, agency, n_places, n_outlets, origin_article_id FROM passages",
    "SELECT article_id, derivation, share FROM article_derivation",
    "SELECT article_id, field, words FROM article_notes",
    "SELECT min(article_id) OVER (PARTITION BY cluster_id), article_id FROM story_cluster_articles",
)


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in query_sql(folder, query)), key=repr)


@pytest.fixture(scope="module")
def exported(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "whole"
    export_archive(published, str(folder))
    return folder


def test_what_is_exported_and_read_back_gives_the_same_archive(
    published: Path, exported: Path, tmp_path: Path
) -> None:
    run_plainly([exported / "intake.jsonl"], hashing_settings(tmp_path / "again"))
    for query in COMPARED:
        assert ask(tmp_path / "again", query) == ask(published, query), query


@pytest.mark.thorough
def test_versions_fields_and_days_come_back(tmp_path: Path) -> None:
    text = "The council of Linden Pass voted on Monday to keep the old bridge open until spring."
    rows = [
        {"id": "1", "outlet": "Paper", "title": "Bridge", "text": text, "author": "Ann Lee",
         "published_at": "2024-03-11", "url": "https://paper.example/1", "ednote": "corrects",
         "agency": "Reuters", "updated_at": "2024-03-11T10:00:00Z"},
        {"id": "1", "outlet": "Paper", "title": "Bridge", "text": f"{text} It was old.",
         "published_at": "2024-03-11", "url": "https://paper.example/1", "creditline": "AP",
         "updated_at": "2024-03-12T10:00:00Z"},
        {"outlet": "Other", "text": f"No title here. {text}"},
        {"title": "By its url", "text": f"{text} More.", "url": "https://third.example/a"},
    ]  # fmt: skip
    first, again = tmp_path / "first", tmp_path / "again"
    for row in rows:
        run_plainly([write_lines(tmp_path / "in.jsonl", [row])], hashing_settings(first))
    export_archive(first, str(tmp_path / "out"))
    run_plainly([tmp_path / "out" / "intake.jsonl"], hashing_settings(again))
    for query in COMPARED:
        assert ask(again, query) == ask(first, query), query
    assert (1,) in ask(again, "SELECT count(*) FROM wire_credits WHERE agency = 'Reuters'")


@pytest.mark.thorough
@pytest.mark.parametrize("form", FORMS)
def test_every_view_is_there_with_its_rows_and_checksums(
    form: str, published: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    done = call("export", folder, "--format", form, "--data", published)
    assert done.code == 0, done.err
    manifest = json.loads((folder / "manifest.json").read_text())
    n_rows = {view["name"]: 0 for view in manifest["views"]}
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        view = file["path"].partition("/")[0]
        if view in n_rows:
            n_rows[view] += file["n_rows"]
    for view, number in n_rows.items():
        assert ask(published, f'SELECT count(*) FROM "{view}"') == [(number,)], view
    days = {path.name for path in (folder / "articles").iterdir()}
    assert "published_day=2024-03-11" in days
    sums = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False
    )
    assert sums.returncode == 0


def test_parquet_keeps_types_and_comments(published: Path, exported: Path) -> None:
    (file, *_) = sorted(exported.glob("articles/*/part-0.parquet"))
    schema = parquet.read_schema(file)
    assert schema.field("headline").metadata[b"comment"] == b"Headline."
    found = duckdb.sql(
        f"SELECT count(*), min(published_at), min(published_day) FROM"
        f" read_parquet('{exported}/articles/**/*.parquet', hive_partitioning = true)"
    ).fetchone()
    n, at, day = found or (0, None, None)
    assert [(n, at)] == ask(published, "SELECT count(*), min(published_at) FROM articles")
    assert str(day) == "2024-03-11"


@pytest.mark.thorough
@pytest.mark.parametrize("form", FORMS)
def test_the_readme_of_an_export_shows_what_runs(
    form: str, published: Path, tmp_path: Path
) -> None:
    for name in ("polars", "pandas"):
        pytest.importorskip(name)
    export_archive(published, str(tmp_path / "out"), form=form)
    blocks = re.findall(r"```python\n(.*?)```", (tmp_path / "out" / "README.md").read_text(), re.S)
    (n_articles,) = ask(published, "SELECT count(*) FROM articles")[0]
    for block in blocks:
        if "datasets" in block:  # a package that brings a dozen others; its call is of its manual
            continue
        *first, last = block.strip().splitlines()
        code = "\n".join([*first, f"found = {last}", "print(len(found))"])
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=tmp_path / "out", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == str(n_articles), done.stderr


def test_an_export_can_leave_out_text_and_older_articles(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    args = ("export", folder, "--data", published, "--since", "2024-03-13", "--without-text")
    assert call(*args).code == 0
    assert not (folder / "intake.jsonl").exists()
    tables = duckdb.sql(f"FROM read_parquet('{folder}/articles/**/*.parquet')")
    assert "text" not in tables.columns
    assert [(len(tables.fetchall()),)] == ask(
        published, "SELECT count(*) FROM articles WHERE published_at >= '2024-03-13'"
    )
    passages = duckdb.sql(f"FROM read_parquet('{folder}/passages/*.parquet')").fetchall()
    assert 0 < len(passages) < ask(published, "SELECT count(*) FROM passages")[0][0]


@pytest.mark.thorough
def test_an_export_replaces_only_an_export_and_is_never_half(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(StorageError, match="no export"):
        export_archive(published, str(other), replace=True)
    folder = tmp_path / "out"
    export_archive(published, str(folder))
    before = (folder / "manifest.json").read_text()
    with pytest.raises(StorageError, match="--replace"):
        export_archive(published, str(folder))
    from wirethread.exports import folder as module

    monkeypatch.setattr(module, "write_intake", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_archive(published, str(folder), replace=True)
    assert (folder / "manifest.json").read_text() == before
    monkeypatch.undo()
    export_archive(published, str(folder), form="csv", replace=True)
    assert json.loads((folder / "manifest.json").read_text())["form"] == "csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


@pytest.mark.thorough
@pytest.mark.usefixtures("shown")
def test_rows_of_a_query_go_into_files(published: Path, tmp_path: Path) -> None:
    query = "SELECT article_id, published_at, INTERVAL 1 DAY AS span FROM articles ORDER BY 1"
    rows = ask(published, query)
    for name in ("rows.csv", "rows.parquet", "rows.ndjson"):
        assert call("sql", query, "--output", tmp_path / name).code == 0
        found = duckdb.sql(f"FROM '{tmp_path / name}'").fetchall()
        assert [row[0] for row in found] == [row[0] for row in rows]
    assert call("sql", query, "--output", tmp_path / "rows.xls").code == 2
    assert call("sql", query, "--csv", "--parquet").code == 2
    missing = call("sql", "SELECT nothing", "--output", tmp_path / "no.csv")
    assert missing.code == 1
    assert not list(tmp_path.glob("no.csv*"))
    printed = call_apart("sql", query, "--csv", "--data", published)
    assert printed.out.splitlines()[0] == '"article_id","published_at","span"'
    assert len(printed.out.splitlines()) == len(rows) + 1
    assert ROOT.is_dir()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket on a server of this machine that speaks as S3 does."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import s3fs

        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("news")
        yield "s3://news"
    server.stop()


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_an_archive_goes_to_a_bucket_and_comes_back(
    published: Path, bucket: str, tmp_path: Path
) -> None:
    target = f"{bucket}/exports/today"
    assert call("export", target, "--data", published).code == 0
    again = call("export", target, "--data", published)
    assert again.code == 1
    assert "--replace" in again.err
    assert call("export", target, "--data", published, "--replace", "--format", "csv").code == 0
    import s3fs

    names = s3fs.S3FileSystem().find("news/exports/today")
    assert not [name for name in names if name.endswith(".parquet")]
    run_plainly([f"{target}/intake.jsonl"], hashing_settings(tmp_path / "again"))
    for query in COMPARED:
        assert ask(tmp_path / "again", query) == ask(published, query), query
    (source,) = ask(tmp_path / "again", "SELECT source FROM articles ORDER BY source LIMIT 1")[0]
    assert source.startswith(f"{target}/intake.jsonl:")
    missing = call("run", f"{bucket}/none.jsonl", "--data", tmp_path / "no")
    assert "there is no such file or folder" in missing.err + missing.out
    elsewhere = call("export", "s3://no-such-bucket/x", "--data", published)
    assert (elsewhere.code, len(elsewhere.err.splitlines())) == (1, 1)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_the_rows_of_a_question_go_to_a_bucket(published: Path, bucket: str) -> None:
    query = "SELECT outlet, count(*) AS n FROM articles GROUP BY 1 ORDER BY 1"
    for name in ("rows.parquet", "rows.ndjson"):
        there = f"{bucket}/{name}"
        assert call("sql", query, "--data", published, "--output", there).code == 0
    import s3fs

    with s3fs.S3FileSystem().open("news/rows.parquet") as file:
        rows = parquet.read_table(file).to_pylist()
    assert [(row["outlet"], row["n"]) for row in rows] == ask(published, query)
    nowhere = call("sql", query, "--data", published, "--output", "s3://no-such-bucket/x.csv")
    assert (nowhere.code, len(nowhere.err.splitlines())) == (1, 1)
    assert "no-such-bucket" in nowhere.err


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_what_other_programs_read_goes_to_a_bucket_too(
    published: Path, bucket: str, tmp_path: Path
) -> None:
    import s3fs

    for form in ("passim", "passim-clusters", "label-studio"):
        here, there = tmp_path / f"{form}.json", f"{bucket}/{form}.json"
        for place in (here, there):
            assert call("export", place, "--format", form, "--data", published).code == 0
        assert s3fs.S3FileSystem().cat_file(f"news/{form}.json") == here.read_bytes()
    nowhere = call("export", f"{bucket}x/a.json", "--format", "passim", "--data", published)
    assert (nowhere.code, len(nowhere.err.splitlines())) == (1, 1)


def test_options_that_a_form_does_not_know_are_refused(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "passim.jsonl"
    for given in (["--since", "today"], ["--without-text"]):
        told = call("export", file, "--format", "passim", *given, "--data", published)
        assert (told.code, given[0] in told.err) == (2, True)
    assert not file.exists()
    nowhere = call("export", tmp_path / "no" / "p", "--format", "passim", "--data", published)
    assert nowhere.code == 1
    assert "cannot write" in nowhere.err
