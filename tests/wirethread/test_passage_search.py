"""A search that stays open answers like one that opens the archive for each question."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.flows.driving import hashing_settings, run_plainly
from tests.wirethread.calling import call
from wirethread import passage_search
from wirethread.articles.errors import NotFoundError
from wirethread.embedding.hashing import HashingEncoder
from wirethread.passage_search import PassageSearch, SearchBy, SimilarPassage
from wirethread.questions import find_similar
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.words.index import WORDS_FOLDER, open_words
from wirethread.storage.words.writing import remove_words

QUESTIONS = (
    "Rescuers pulled an eight-year-old girl alive from a collapsed apartment block",
    "collapsed apartment block",
    "le maire de la ville",
    "!!!",
)


@pytest.fixture
def own(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "own")


def name_places(found: list[SimilarPassage]) -> list[str]:
    return [one.hit.paragraph_id for one in found]


@pytest.mark.parametrize("by", SearchBy)
def test_an_open_search_answers_as_a_fresh_one_does(published: Path, by: SearchBy) -> None:
    encoder = HashingEncoder()
    with PassageSearch(published, encoder) as search:
        for chosen in (None, PassageFilter(outlet="meridian post")):
            for question in QUESTIONS:
                found = search.find_similar(question, by=by, chosen=chosen, limit=5)
                assert found == find_similar(
                    published, question, encoder, by=by, chosen=chosen, limit=5
                )


@pytest.mark.parametrize("by", SearchBy)
def test_a_list_is_the_same_however_it_is_cut(
    published: Path, monkeypatch: pytest.MonkeyPatch, by: SearchBy
) -> None:
    monkeypatch.setattr(passage_search, "DEPTHS", (8, 20, 45, 10_000))
    monkeypatch.setattr(passage_search, "MORE_CANDIDATES", 0)
    with PassageSearch(published, HashingEncoder()) as search:
        for chosen in (None, PassageFilter(outlet="meridian post")):
            ask = partial(search.find_similar, QUESTIONS[0], by=by, chosen=chosen)
            whole = ask(limit=None)
            assert len(whole) > 12
            assert len(set(name_places(whole))) == len(whole)
            for size in (13, 30):
                parts = [ask(limit=size, offset=begin) for begin in range(0, len(whole), size)]
                assert [one for part in parts for one in part] == whole
            # and one by one where it is looked deeper
            for begin in (0, 1, 7, 8, 9, 19, 20, 44, 45, len(whole) - 1):
                assert ask(limit=1, offset=begin) == whole[begin : begin + 1]
            assert ask(limit=5, offset=len(whole)) == []


def test_all_that_is_like_a_text_is_found_by_going_on(published: Path) -> None:
    with PassageSearch(published, HashingEncoder()) as search:
        whole = search.find_similar("the", by=SearchBy.MEANING, limit=None)
    with Catalog.open_published(published) as catalog:
        rows = catalog._database.fetch_rows(
            "SELECT paragraph_id FROM paragraphs WHERE kind = 'body' AND article_id IN"
            " (SELECT article_id FROM store.articles WHERE superseded_by IS NULL)"
        )
    found = {place.paragraph_id for one in whole for place in (one.hit, *one.also)}
    # a line of one outlet's pages is no answer
    assert 0.9 * len(rows) < len(found) <= len(rows)
    assert found <= {row[0] for row in rows}


@pytest.mark.parametrize("by", SearchBy)
def test_answers_are_the_same_without_the_index_of_words(own: Path, by: SearchBy) -> None:
    encoder = HashingEncoder()
    question = QUESTIONS[0]
    indexed = find_similar(own, question, encoder, by=by)
    remove_words(own)
    plain = find_similar(own, question, encoder, by=by)
    assert name_places(plain)[:5] == name_places(indexed)[:5]
    assert [one.similarity for one in plain][:5] == [one.similarity for one in indexed][:5]


def test_a_newer_snapshot_is_found_by_a_search_that_is_open(tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    settings = hashing_settings(tmp_path / "data")
    news.write_text(write_article("one", "The ferries left the harbour of Saltmarsh on Monday."))
    run_plainly([news], settings)
    with PassageSearch(tmp_path / "data", HashingEncoder()) as search:
        assert len(search.find_similar("ferries harbour")) == 1
        news.write_text(write_article("two", "A zeppelin crossed the harbour on Tuesday at noon."))
        run_plainly([news], settings)
        assert "zeppelin" in search.find_similar("zeppelin harbour")[0].hit.text
        search.close()
        assert len(search.find_similar("zeppelin", by=SearchBy.WORDS)) == 1


def test_an_index_that_is_made_later_is_taken_up(own: Path, tmp_path: Path) -> None:
    (own / WORDS_FOLDER).rename(tmp_path / "away")
    with PassageSearch(own, None) as search:
        plain = search.find_similar(QUESTIONS[0], limit=1)
        (tmp_path / "away").rename(own / WORDS_FOLDER)
        indexed = search.find_similar(QUESTIONS[0], limit=1)
    assert name_places(indexed) == name_places(plain)
    assert indexed[0].word_score != plain[0].word_score  # lengths are kept on a coarser scale


def test_an_index_of_other_rows_is_not_believed(own: Path) -> None:
    with Catalog.open(own) as catalog:
        catalog._database.execute(
            "UPDATE store.paragraphs SET paragraph_id = paragraph_id || 'x'"
            " WHERE position = 0 AND rowid < 200"
        )
        catalog._database.execute("CHECKPOINT")
    shutil.copy(own / "catalog.duckdb", own / "published.duckdb")
    with Catalog.open_published(own) as snapshot:
        assert open_words(snapshot) is not None
    first = "SELECT text FROM store.paragraphs WHERE kind = 'body' AND paragraph_id LIKE '%-0x'"
    with Catalog.open_published(own) as snapshot:
        text = snapshot._database.fetch_rows(first)[0][0]
    (found,) = find_similar(own, text, None, limit=1)
    assert found.hit.text == text


def test_threads_may_ask_one_search(published: Path) -> None:
    with PassageSearch(published, HashingEncoder()) as search:
        wanted = [name_places(search.find_similar(one)) for one in QUESTIONS]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(search.find_similar, QUESTIONS * 5))
    assert [name_places(one) for one in found] == wanted * 5


class WholeLetters(HashingEncoder):
    """An encoder that refuses halves of letters, as those of the real models do."""

    def encode(self, texts: Sequence[str], **given: Any) -> NDArray[np.float32]:
        for text in texts:
            text.encode("utf-8")
        return super().encode(texts, **given)


@pytest.mark.parametrize("by", SearchBy)
def test_bytes_that_are_no_letters_are_no_mistake(published: Path, by: SearchBy) -> None:
    with PassageSearch(published, WholeLetters()) as search:
        assert search.find_similar("\udcff\x00 collapsed \ud800 block", by=by)


def test_nothing_published_is_told_each_time(tmp_path: Path) -> None:
    with PassageSearch(tmp_path, None) as search:
        for _ in range(2):
            with pytest.raises(NotFoundError, match="nothing has been published"):
                search.find_similar("words")


def write_article(name: str, text: str) -> str:
    return (
        f'{{"id": "{name}", "outlet": "Echo", "headline": "Harbour news {name}", "text": "{text}",'
        ' "published_at": "2024-03-11T10:00:00Z"}\n'
    )


@pytest.mark.thorough
def test_a_passage_is_one_answer_with_its_first_place_on_top(tmp_path: Path) -> None:
    text = "The ferries left the harbour of Saltmarsh on Monday with four hundred sheep on board."
    news = tmp_path / "news.jsonl"
    news.write_text(
        "".join(
            f'{{"id": "{outlet}", "outlet": "{outlet}", "headline": "Sheep {hour}", "text": "{text}",'
            f' "published_at": "2024-03-11T{hour}:00:00Z"}}\n'
            for outlet, hour in (("Echo", 12), ("Bugle", 10), ("Post", 14))
        )
    )
    run_plainly([news], hashing_settings(tmp_path / "data"))
    (found,) = find_similar(tmp_path / "data", "ferries with sheep on board", HashingEncoder())
    assert found.hit.outlet == "Bugle"
    assert [place.outlet for place in found.also] == ["Echo", "Post"]
    assert 0.0 < found.score <= 1.0


def test_a_mere_day_is_no_proof_of_having_been_first(tmp_path: Path) -> None:
    text = "The ferries left the harbour of Saltmarsh on Monday with four hundred sheep on board."
    days = {
        "Echo": "2024-03-11",
        "Bugle": "2024-03-11T10:00:00Z",
        "Post": "2024-03-12T07:00:00Z",
        "Gull": "",
    }
    news = tmp_path / "news.jsonl"
    news.write_text(
        "".join(
            f'{{"id": "{outlet}", "outlet": "{outlet}", "headline": "Sheep by {outlet}",'
            f' "text": "{text}", "published_at": "{day}"}}\n'
            for outlet, day in days.items()
        )
    )
    run_plainly([news], hashing_settings(tmp_path / "data"))
    (found,) = find_similar(tmp_path / "data", "ferries with sheep on board", None)
    places = (found.hit, *found.also)
    assert [place.outlet for place in places] == ["Bugle", "Echo", "Post", "Gull"]
    assert [place.published_precision.value for place in places] == [
        "second",
        "day",
        "second",
        "unknown",
    ]
    shown = call("similar", "ferries sheep", "--by", "words", "--data", tmp_path / "data", "--json")
    assert [one["published_precision"] for one in shown.json()[0]["also"]] == [
        "day",
        "second",
        "unknown",
    ]


@pytest.mark.thorough
def test_a_line_that_one_outlet_prints_everywhere_is_no_answer(tmp_path: Path) -> None:
    line = "The harbour letter of the Echo brings you ferries and sheep at breakfast every day."
    told = "A ferry lost three sheep off the harbour of Saltmarsh, its captain told the Echo{}."
    news = tmp_path / "news.jsonl"
    news.write_text(
        "".join(
            f'{{"id": "{n}", "outlet": "Echo", "headline": "Report {n}",'
            f' "text": "{told.format(n)}\\n\\n{line}", "published_at": "2024-03-1{n}T10:00:00Z"}}\n'
            for n in range(1, 5)
        )
    )
    run_plainly([news], hashing_settings(tmp_path / "data"))
    found = find_similar(tmp_path / "data", "ferries sheep harbour letter", HashingEncoder())
    assert found
    assert all(hit.hit.text != line for hit in found)
