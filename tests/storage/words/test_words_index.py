"""The index of words gives the passages that reading every text gives, and never others."""

import os
import shutil
import stat
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.storage.answers.hits import search_words
from tests.storage.making import LEDE, LOCAL, NOON, QUOTE, RUN, make_article
from wirethread.articles.errors import StorageError
from wirethread.storage.answers.search import rank_texts, rank_words, read_hits
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.verification import CheckState, verify_folder
from wirethread.storage.words.checks import find_words_faults
from wirethread.storage.words.coverage import covers_all, covers_start
from wirethread.storage.words.index import (
    WORDS_FOLDER,
    WordsIndex,
    WordsIndexError,
    measure_rows,
    open_words,
)
from wirethread.storage.words.writing import remove_words, update_words

TEXTS = [
    LEDE,
    QUOTE,
    LOCAL,
    "The harbour of Saltmarsh, a harbour for ferries, opened a new quay.",
    "Prices of herring rose by 3.5 percent in the week.",
    "Le port d’Ellery reste fermé, a dit le maire de la ville mardi.",
    "港口周二因起重机倒塌而关闭，渡轮改从盐沼出发。",
    "ท่าเรือปิดในวันอังคารหลังจากปั้นจั่นล้ม",
    "서울에서 열린 회의가 화요일에 끝났다.",
]


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    catalog.articles.add_articles(
        RUN, [make_article(f"a{n}", [text]) for n, text in enumerate(TEXTS)]
    )
    later = NOON + timedelta(days=2)
    catalog.articles.add_articles(
        RUN, [make_article("wire", [LEDE], outlet="Echo", published_at=later)]
    )
    return catalog


def open_index(catalog: Catalog) -> WordsIndex:
    index = open_words(catalog)
    assert index is not None
    return index


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.heavy
def test_the_index_ranks_the_sample_as_reading_every_text_does(published: Path) -> None:
    with Catalog.open_published(published) as catalog:
        index = open_index(catalog)
        texts = [
            row[0]
            for row in catalog._database.fetch_rows(
                "SELECT DISTINCT text FROM paragraphs WHERE kind = 'body' ORDER BY text"
            )
        ]
        questions = [words for text in texts[::12] for words in (text, " ".join(text.split()[2:6]))]
        assert len(questions) > 60
        same_first, overlaps, gaps = 0, [], []
        for words in questions:
            plain = rank_words(catalog, words, limit=10)
            found = rank_words(catalog, words, index=index, limit=10)
            scores = {one.paragraph_id: one.score for one in plain}
            shared = [one for one in found if one.paragraph_id in scores]
            same_first += [one.paragraph_id for one in found[:1]] == [
                entry.paragraph_id for entry in plain[:1]
            ]
            overlaps.append(len(shared) / max(len(plain), 1) if plain else not found)
            gaps += [abs(one.score / scores[one.paragraph_id] - 1) for one in shared]
        # the index keeps lengths on a coarser scale, which turns some near ties round
        assert same_first >= 0.98 * len(questions)
        assert np.mean(overlaps) > 0.97
        assert np.mean(gaps) < 0.05
        assert np.quantile(gaps, 0.98) < 0.12


def test_places_of_texts_are_those_in_the_catalog(published: Path) -> None:
    with Catalog.open_published(published) as catalog:
        index = open_index(catalog)
        hashes = np.array(
            [
                row[0]
                for row in catalog._database.fetch_rows(
                    "SELECT DISTINCT text_hash FROM paragraphs ORDER BY text_hash"
                )
            ],
            dtype=np.int64,
        )
        scores = np.linspace(1, 0, len(hashes), dtype=np.float32)
        plain = rank_texts(catalog, hashes, scores, limit=5000)
        assert len(plain) == index.n_rows
        assert rank_texts(catalog, hashes, scores, index=index, limit=5000) == plain
        hits = read_hits(catalog, plain)
        assert [hit.paragraph_id for hit in hits] == [one.paragraph_id for one in plain]


def test_scripts_without_spaces_are_found_by_a_part(filled: Catalog) -> None:
    update_words(filled)
    index = open_index(filled)
    for words, article_id in (("渡轮", "a6"), ("ปิดใน", "a7"), ("서울", "a8"), ("fermé", "a5")):
        found = search_words(filled, words, index=index)
        assert [hit.article_id for hit in found][:1] == [article_id], words
        assert [hit.article_id for hit in search_words(filled, words)][:1] == [article_id]
    assert search_words(filled, "herr", index=index) == []
    assert search_words(filled, "zeppelin", index=index) == []
    assert search_words(filled, "?!", index=index) == []
    assert search_words(filled, "HERRING", index=index)[0].article_id == "a4"


@pytest.mark.heavy
@pytest.mark.parametrize(
    "chosen",
    [
        PassageFilter(outlet="echo"),
        PassageFilter(since=NOON + timedelta(days=1)),
        PassageFilter(until=NOON + timedelta(days=1)),
        PassageFilter(agency="AP"),
        PassageFilter(outlet="nobody"),
    ],
)
def test_filters_let_through_what_they_let_through_without_an_index(
    filled: Catalog, chosen: PassageFilter
) -> None:
    crowd = [
        make_article(f"c{n}", [f"{LEDE} This is harbour report number {n}."]) for n in range(300)
    ]
    filled.articles.add_articles(RUN, crowd)
    update_words(filled)
    index = open_index(filled)
    for words in ("harbour", LEDE, "herring prices"):
        plain = {one.article_id for one in search_words(filled, words, chosen=chosen, limit=400)}
        found = search_words(filled, words, index=index, chosen=chosen, limit=400)
        assert {one.article_id for one in found} == plain


def test_a_filter_that_lets_few_through_makes_the_index_give_more(filled: Catalog) -> None:
    crowd = [make_article(f"c{n}", [f"{LEDE} {LEDE}"]) for n in range(400)]
    filled.articles.add_articles(RUN, crowd)
    update_words(filled)
    chosen = PassageFilter(outlet="Echo")
    found = search_words(filled, LEDE, index=open_index(filled), chosen=chosen, limit=1)
    assert [one.article_id for one in found] == ["wire"]


def test_where_an_outlet_has_none_of_the_rare_words_its_commoner_ones_answer(
    filled: Catalog,
) -> None:
    crowd = [make_article(f"c{n}", [f"Ships left the quay {n} times."]) for n in range(60)]
    rare = [make_article("r", ["A zeppelin, a dirigible and a gondola passed over the quay."])]
    there = [make_article("e", ["Echo: ships left the quay."], outlet="Echo")]
    filled.articles.add_articles(RUN, [*crowd, *rare, *there])
    update_words(filled)
    question = "zeppelin dirigible gondola over the quay"
    chosen = PassageFilter(outlet="Echo")
    found = search_words(filled, question, index=open_index(filled), chosen=chosen)
    plain = search_words(filled, question, chosen=chosen)
    assert [one.article_id for one in found][:1] == ["e"]
    assert {one.article_id for one in found} == {one.article_id for one in plain}


def test_new_paragraphs_are_added_behind_the_old_ones(filled: Catalog) -> None:
    assert update_words(filled) == len(TEXTS) + 1
    before = open_index(filled)
    assert update_words(filled) == 0
    filled.articles.add_articles(
        RUN, [make_article("new", ["A zeppelin crossed the harbour at noon."])]
    )
    assert open_words(filled) is None  # it does not hold all of this catalog
    assert update_words(filled) == 1
    assert before.find_forms("zeppelin") == []  # who has it open sees what was there
    after = open_index(filled)
    assert after.find_forms("zeppelin") == [("zeppelin", 1)]
    assert after.measure() == measure_rows(filled._database)


def test_an_index_ahead_of_the_snapshot_answers_for_the_snapshot(filled: Catalog) -> None:
    publish_snapshot(filled)
    filled.articles.add_articles(
        RUN, [make_article("new", ["A zeppelin crossed the harbour at noon."])]
    )
    update_words(filled)
    with Catalog.open_published(filled.folder) as snapshot:
        index = open_index(snapshot)
        assert search_words(snapshot, "zeppelin", index=index) == []
        assert len(search_words(snapshot, "harbour", index=index)) == len(
            search_words(snapshot, "harbour")
        )


def test_an_index_behind_the_snapshot_or_of_another_catalog_is_not_used(
    filled: Catalog, tmp_path: Path
) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    shutil.copytree(words, tmp_path / "older")
    filled.articles.add_articles(
        RUN, [make_article("new", ["A zeppelin crossed the harbour at noon."])]
    )
    publish_snapshot(filled)
    with Catalog.open_published(filled.folder) as snapshot:
        open_index(snapshot)
        shutil.rmtree(words)
        assert open_words(snapshot) is None
        shutil.copytree(tmp_path / "older", words)
        assert open_words(snapshot) is None
    assert update_words(filled) == 1  # it goes on from there
    with Catalog.open(tmp_path / "other") as other:
        other.runs.begin_run(RUN, ["x"], "{}")
        other.articles.add_articles(
            RUN, [make_article("b", ["Another catalog with other words in it."])]
        )
        shutil.copytree(words, other.folder / WORDS_FOLDER)
        assert open_words(other) is None
        assert update_words(other) == 1
        assert open_index(other).find_forms("harbour") == []


def test_a_place_that_holds_another_paragraph_is_no_hit(filled: Catalog) -> None:
    update_words(filled)
    ranked = rank_words(filled, "herring", index=open_index(filled))
    filled._database.execute("UPDATE store.paragraphs SET paragraph_id = 'x' WHERE article_id='a4'")
    with pytest.raises(WordsIndexError, match="another snapshot"):
        read_hits(filled, ranked)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["idx", "term", "store", "fast", "fieldnorm", "meta.json"])
def test_a_damaged_index_is_noticed_and_made_again(filled: Catalog, kind: str) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    (path,) = words.glob(kind if "." in kind else f"*.{kind}")
    time.sleep(0.01)  # the time of the file must differ
    damage(path)
    assert find_words_faults(words)
    assert find_words_faults(words, is_quick=True)
    assert open_words(filled) is None
    assert update_words(filled) == len(TEXTS) + 1
    assert find_words_faults(words) == []
    assert open_index(filled).find_forms("herring") == [("herring", 1)]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["idx", "term", "store", "fast", "fieldnorm"])
def test_damage_under_an_old_time_is_noticed_by_the_next_run(filled: Catalog, kind: str) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    (path,) = words.glob(f"*.{kind}")
    stamp = path.stat()
    damage(path)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert update_words(filled) == len(TEXTS) + 1
    assert find_words_faults(words) == []


def test_of_a_large_index_other_files_are_read_again_by_each_run(
    filled: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    (path,) = words.glob("*.store")
    stamp = path.stat()
    monkeypatch.setattr("wirethread.storage.words.checks._BYTES_IN_TURN", stamp.st_size)
    damage(path)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    seen = [bool(find_words_faults(words, is_quick=True, turn=turn)) for turn in range(40)]
    assert True in seen
    assert False in seen


@pytest.mark.heavy
@pytest.mark.parametrize("stands", ["file", "link to a file", "link to a folder", "dead link"])
def test_what_stands_in_the_place_of_the_index_gives_way_and_is_not_followed(
    filled: Catalog, tmp_path: Path, stands: str
) -> None:
    words = filled.folder / WORDS_FOLDER
    elsewhere = tmp_path / "elsewhere"
    if stands == "file":
        words.write_text("no index")
    else:
        words.symlink_to(elsewhere)
    if stands == "link to a file":
        elsewhere.write_text("somebody's")
    elif stands == "link to a folder":
        elsewhere.mkdir()
        (elsewhere / "kept").write_text("somebody's")
    publish_snapshot(filled)
    assert words.is_dir()
    assert not words.is_symlink()
    assert open_index(filled).find_forms("herring") == [("herring", 1)]
    if elsewhere.is_dir():
        assert [one.name for one in elsewhere.iterdir()] == ["kept"]
    elif stands == "link to a file":
        assert elsewhere.read_text() == "somebody's"
    else:
        assert not elsewhere.exists()


def test_who_may_read_the_snapshot_may_read_the_index(filled: Catalog) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    for mode in (0o644, 0o640, 0o600):
        (filled.folder / "published.duckdb").chmod(mode)
        assert update_words(filled) == 0
        assert {stat.S_IMODE(path.stat().st_mode) for path in words.iterdir()} == {mode}
        assert stat.S_IMODE(words.stat().st_mode) == mode | (mode & 0o444) >> 2 | 0o700


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["idx", "term", "store", "fast", "fieldnorm", "meta.json"])
def test_a_missing_file_is_noticed_and_made_again(filled: Catalog, kind: str) -> None:
    publish_snapshot(filled)
    words = filled.folder / WORDS_FOLDER
    (path,) = words.glob(kind if "." in kind else f"*.{kind}")
    path.unlink()
    assert open_words(filled) is None
    assert update_words(filled) == len(TEXTS) + 1
    assert open_index(filled).measure() == measure_rows(filled._database)


class KilledError(Exception):
    pass


def look_at_words(folder: Path) -> tuple[CheckState, str]:
    (check,) = [one for one in verify_folder(folder).checks if one.name == "words"]
    return check.state, check.message


def test_who_is_killed_while_deleting_an_index_leaves_no_half_of_one(
    filled: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = filled.folder
    publish_snapshot(filled)
    filled.close()

    def remove_some(path: Path, **_: object) -> None:
        if Path(path).is_dir():
            (Path(path) / "meta.json").unlink()
            raise KilledError

    with monkeypatch.context() as patched, pytest.raises(KilledError):
        patched.setattr(shutil, "rmtree", remove_some)
        remove_words(folder)
    none = "there is no index of words yet: the next run makes it"
    assert look_at_words(folder) == (CheckState.NOTE, none)
    with Catalog.open(folder) as again:
        assert update_words(again) == len(TEXTS) + 1
    assert [path.name for path in folder.iterdir() if "words" in path.name] == [WORDS_FOLDER]


def test_who_is_killed_before_an_index_begins_leaves_none(filled: Catalog) -> None:
    folder = filled.folder
    publish_snapshot(filled)
    remove_words(folder)
    filled.close()
    (folder / WORDS_FOLDER).mkdir()
    (folder / WORDS_FOLDER / ".managed.json").write_text("[]")
    assert look_at_words(folder)[0] is CheckState.NOTE
    with Catalog.open(folder) as again:
        assert update_words(again) == len(TEXTS) + 1
        assert open_index(again).measure() == measure_rows(again._database)


def test_files_with_another_time_are_read_once_and_remembered(filled: Catalog) -> None:
    update_words(filled)
    words = filled.folder / WORDS_FOLDER
    stamps = (words / "stamps.json").read_text()
    for path in words.glob("*.idx"):
        path.touch()
    assert update_words(filled) == 0
    assert (words / "stamps.json").read_text() != stamps


def test_an_index_with_other_fields_is_made_again(filled: Catalog) -> None:
    import tantivy

    words = filled.folder / WORDS_FOLDER
    words.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("title")
    tantivy.Index(builder.build(), path=str(words))
    assert open_words(filled) is None
    assert update_words(filled) == len(TEXTS) + 1
    open_index(filled)


@pytest.mark.heavy
def test_verification_tells_how_the_index_stands(filled: Catalog) -> None:
    folder = filled.folder
    filled.runs.finish_run(RUN, "finished", {})
    publish_snapshot(filled)
    filled.close()

    assert look_at_words(folder) == (
        CheckState.FINE,
        "the index of words holds 10 paragraphs as recorded",
    )
    with Catalog.open(folder) as catalog:
        catalog.articles.add_articles("r2", [make_article("new", [LOCAL])])
    assert look_at_words(folder) == (CheckState.NOTE, "the index of words ends after 10 paragraphs")
    damage(next((folder / WORDS_FOLDER).glob("*.store")))
    assert look_at_words(folder)[0] is CheckState.PROBLEM
    remove_words(folder)
    assert look_at_words(folder) == (
        CheckState.NOTE,
        "there is no index of words yet: the next run makes it",
    )


def test_an_index_that_cannot_be_written_is_told(
    filled: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wirethread.storage.words.writing._add_rows", fail)
    with pytest.raises(StorageError, match="the index of words cannot be written"):
        update_words(filled)


def test_an_empty_catalog_has_no_index(catalog: Catalog) -> None:
    assert update_words(catalog) == 0
    assert not (catalog.folder / WORDS_FOLDER).exists()
    assert open_words(catalog) is None


def test_what_the_index_covers_is_known_without_counting(
    filled: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_words(filled)
    folder = filled.folder / WORDS_FOLDER

    def count(*_: object) -> None:
        raise AssertionError("counted")

    monkeypatch.setattr("wirethread.storage.words.index.measure_rows", count)
    monkeypatch.setattr("wirethread.storage.words.writing.measure_rows", count)
    assert covers_all(folder, filled._database)
    assert open_words(filled) is not None
    filled.articles.add_articles(
        RUN, [make_article("new", ["A new quay was opened by the mayor."])]
    )
    assert not covers_all(folder, filled._database)
    assert update_words(filled) == 1
    assert covers_all(folder, filled._database)


@pytest.mark.parametrize("change", ["a row left", "another text", "another list of files"])
def test_what_the_index_covers_is_not_known_where_something_changed(
    filled: Catalog, change: str
) -> None:
    update_words(filled)
    folder = filled.folder / WORDS_FOLDER
    if change == "a row left":
        filled._database.execute("DELETE FROM store.paragraphs WHERE rowid = 1")
    elif change == "another text":
        filled._database.execute(
            "UPDATE store.paragraphs SET text_hash = 1 WHERE rowid ="
            " (SELECT max(rowid) FROM store.paragraphs WHERE kind = 'body')"
        )
    else:
        (folder / "meta.json").write_bytes((folder / "meta.json").read_bytes() + b"\n")
    assert covers_start(folder, filled._database) is None
    update_words(filled)
    assert covers_all(folder, filled._database)
