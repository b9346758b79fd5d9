"""What goes wrong stays where it went wrong, is told, and leaves nothing half done."""

import json
import os
from pathlib import Path

import pytest

from articles.errors import ModelError
from flows import tasks
from flows.embed import EmbeddingSettings
from storage.catalog import Catalog
from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("news") / "news.jsonl", sample_rows(FIRST_DAY))


def test_bad_articles_are_set_aside_and_the_rest_goes_through(tmp_path: Path) -> None:
    good = sample_rows(FIRST_DAY[:3])
    source = write_lines(
        tmp_path / "mixed.jsonl",
        [
            good[0],
            '{"id": "broken", "title": "A line that stops',
            {"id": "untitled", "outlet": "Meridian Post", "text": "Words without a headline."},
            good[1],
            {"id": "empty", "outlet": "Meridian Post", "title": "A headline", "text": ""},
            {"id": "huge", "outlet": "Meridian Post", "title": "Long", "text": "word " * 300_000},
            "[1, 2, 3]",
            good[2],
        ],
    )
    data = tmp_path / "data"
    result = run_plainly([source], hashing_settings(data))
    assert result.count("read", "n_read") == 8
    assert result.count("read", "n_new_articles") == 3
    assert result.count("read", "n_rejected") == 5
    assert {row[0] for row in fetch(data, "SELECT source_id FROM articles")} == set(FIRST_DAY[:3])
    with Catalog.open_published(data) as catalog:
        rejected = {
            row["source"].rpartition(":")[2]: row
            for row in catalog.execute_read_only("SELECT * FROM rejected_articles").to_pylist()
        }
    assert set(rejected) == {"2", "3", "5", "6", "7"}
    assert rejected["3"]["source_id"] == "untitled"
    assert rejected["3"]["reason"] == "it has no title"
    assert rejected["5"]["reason"] == "it has no text"
    assert "at most 1,000,000 are read" in rejected["6"]["reason"]
    assert all(row["reason"] for row in rejected.values())

    again = run_plainly([source], hashing_settings(data))
    assert again.count("read", "n_rejected") == 5
    assert not again.changed_something
    assert fetch(data, "SELECT count(*) FROM rejected_articles") == [(5,)]


def test_an_article_with_an_impossible_date_is_set_aside(tmp_path: Path) -> None:
    row = {**sample_rows(["pvc-quake-1"])[0], "published_at": "31 February 20024"}
    data = tmp_path / "data"
    source = write_lines(tmp_path / "dates.jsonl", [row])
    assert run_plainly([source], hashing_settings(data)).count("read", "n_rejected") == 1
    assert fetch(data, "SELECT source_id, reason FROM rejected_articles") == [
        ("pvc-quake-1", "its date '31 February 20024' cannot be read")
    ]


def test_an_unreadable_source_is_told_and_the_others_go_through(news: Path, tmp_path: Path) -> None:
    binary = tmp_path / "picture.png"
    binary.write_bytes(bytes(range(256)))
    missing = tmp_path / "missing.jsonl"
    data = tmp_path / "data"
    result = run_plainly([missing, news, binary], hashing_settings(data))
    assert result.count("read", "n_new_articles") == len(FIRST_DAY)
    told = result.unreadable_sources
    assert len(told) == 2
    assert told[0] == f"{missing}: there is no such file or folder"
    assert told[1].startswith(f"{binary}: unknown extension")
    ((state, message),) = fetch(data, "SELECT state, message FROM runs")
    assert state == "finished"
    assert message == "; ".join(told)


def test_a_source_that_breaks_off_keeps_what_was_read_before(tmp_path: Path) -> None:
    import gzip

    rows = sample_rows(FIRST_DAY)
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    source = tmp_path / "cut.jsonl.gz"
    source.write_bytes(packed[: len(packed) * 3 // 4])
    data = tmp_path / "data"
    result = run_plainly([source], hashing_settings(data))
    kept = {row[0] for row in fetch(data, "SELECT source_id FROM articles")}
    assert kept
    assert kept < set(FIRST_DAY)
    assert result.count("read", "n_rejected") + len(result.unreadable_sources) >= 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_without_permission_is_told(news: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    result = run_plainly([closed, news], hashing_settings(tmp_path / "data"))
    assert result.unreadable_sources == (f"{closed}: permission denied",)
    assert result.count("read", "n_new_articles") == len(FIRST_DAY)


def test_an_id_that_comes_again_with_another_text_is_refused(tmp_path: Path) -> None:
    (first,) = sample_rows(["pvc-quake-1"])
    changed = {**first, "text": first["text"] + "\n\nA sentence was added later."}
    other_outlet = {**changed, "outlet": "Another Paper", "url": "https://another.example/1"}
    data = tmp_path / "data"
    source = write_lines(tmp_path / "twice.jsonl", [first, changed, other_outlet])
    result = run_plainly([source], hashing_settings(data))
    assert result.count("read", "n_new_articles") == 2
    assert result.count("read", "n_rejected") == 1
    later = write_lines(tmp_path / "later.jsonl", [changed])
    assert run_plainly([later], hashing_settings(data)).count("read", "n_rejected") == 1
    assert fetch(data, "SELECT text FROM articles WHERE outlet = 'Port Varrin Courier'") == [
        (first["text"],)
    ]
    refused = fetch(data, "SELECT source, source_id, reason FROM rejected_articles ORDER BY source")
    assert [row[0].rpartition("/")[2] for row in refused] == ["later.jsonl:1", "twice.jsonl:2"]
    for _, source_id, reason in refused:
        assert source_id == "pvc-quake-1"
        assert "was read before with another text" in reason


def test_the_same_article_twice_in_one_file_is_one_article(tmp_path: Path) -> None:
    (row,) = sample_rows(["pvc-quake-1"])
    data = tmp_path / "data"
    result = run_plainly([write_lines(tmp_path / "n.jsonl", [row, row])], hashing_settings(data))
    assert result.count("read", "n_new_articles") == 1
    assert result.count("read", "n_rejected") == 0
    assert fetch(data, "SELECT count(*) FROM articles") == [(1,)]


def test_a_run_over_nothing_but_bad_articles_finishes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    result = run_plainly([write_lines(tmp_path / "bad.jsonl", ["{"])], hashing_settings(data))
    assert result.count("read", "n_rejected") == 1
    assert fetch(data, "SELECT count(*) FROM articles") == [(0,)]
    with Catalog.open_published(data) as catalog:
        assert catalog.execute_read_only("FROM rejected_articles").num_rows == 1


def test_a_run_that_fails_is_written_down_with_its_reason(news: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    nowhere = str(tmp_path / "no-model")
    settings = hashing_settings(data, embedding=EmbeddingSettings(model=nowhere))
    with pytest.raises(ModelError):
        run_plainly([news], settings)
    ((state, message, ended),) = fetch(data, "SELECT state, message, finished_at FROM runs")
    assert (state, message) == ("failed", f"there is no model folder {nowhere}")
    assert ended is not None
    run_plainly([news], hashing_settings(data))
    states = fetch(data, "SELECT state FROM runs ORDER BY started_at")
    assert states == [("failed",), ("finished",)]


def test_a_run_that_breaks_unforeseen_is_written_down_as_failed(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"

    def fall_over(*_: object, **__: object) -> None:
        raise RuntimeError("the roof fell in")

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "count_sources", fall_over)
        with pytest.raises(RuntimeError):
            run_plainly([news], hashing_settings(data))
    ((state, message),) = fetch(data, "SELECT state, message FROM runs")
    assert state == "failed"
    assert "the roof fell in" in message
    run_plainly([news], hashing_settings(data))
    fresh = tmp_path / "fresh"
    run_plainly([news], hashing_settings(fresh))
    assert read_digest(data) == read_digest(fresh)


@pytest.mark.parametrize("damage", ["missing", "one byte", "empty"])
def test_a_lost_vector_file_is_made_again_by_the_next_run(
    news: Path, tmp_path: Path, damage: str
) -> None:
    settings = hashing_settings(
        tmp_path,
        embedding=EmbeddingSettings(model="hashing", texts_per_batch=30, rows_per_segment=20),
    )
    run_plainly([news], settings)
    digest = read_digest(tmp_path)
    files = sorted((tmp_path / "vectors").glob("*.faiss"))
    assert len(files) > 1
    names = [one.name for one in files]
    spoil(files[0], damage)
    result = run_plainly([news], settings)
    assert result.count("check vectors", "n_lost") == result.count("embed", "n_new_vectors") > 0
    assert read_digest(tmp_path) == digest
    assert read_published_digest(tmp_path) == digest
    assert sorted(one.name for one in (tmp_path / "vectors").glob("*.faiss")) == names


def spoil(file: Path, damage: str) -> None:
    if damage == "missing":
        file.unlink()
        return
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(b"" if damage == "empty" else bytes(content))


def test_a_vector_file_that_nobody_names_is_removed(news: Path, tmp_path: Path) -> None:
    run_plainly([news], hashing_settings(tmp_path))
    stray = tmp_path / "vectors" / "0123456789abcdef.faiss"
    stray.write_bytes(b"left by a killed run")
    run_plainly([news], hashing_settings(tmp_path))
    assert not stray.exists()


@pytest.mark.model
def test_another_model_embeds_everything_anew_and_never_mixes(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "few.jsonl", sample_rows(FIRST_DAY[:2] + SECOND_DAY[:1]))
    data = tmp_path / "data"
    first = run_plainly([news], hashing_settings(data))
    settings = hashing_settings(data, embedding=EmbeddingSettings())
    second = run_plainly([news], settings)
    n_texts = first.count("embed", "n_new_vectors")
    assert second.count("embed", "n_new_vectors") == n_texts
    assert second.count("match", "n_matched") == second.count("link", "n_linked") == 3
    assert fetch(
        data,
        "SELECT split_part(model_id, '@', 1), dimension, sum(n_rows) FROM vector_segments"
        " GROUP BY ALL ORDER BY ALL",
    ) == [("all-MiniLM-L6-v2", 384, n_texts), ("hashing-256", 256, n_texts)]

    fresh = tmp_path / "fresh"
    run_plainly([news], hashing_settings(fresh, embedding=EmbeddingSettings()))
    for table in ("passage_verdicts", "links", "passages", "paragraph_sources"):
        rows = f"SELECT * EXCLUDE (run_id) FROM store.{table} ORDER BY ALL"
        assert fetch(data, rows) == fetch(fresh, rows), table

    # the old vectors are still there, so going back costs nothing
    back = run_plainly([news], hashing_settings(data))
    assert back.count("embed", "n_new_vectors") == 0
