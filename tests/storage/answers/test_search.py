import math
import re
from datetime import timedelta

import numpy as np
import pytest

from tests.storage.answers.hits import list_hits, search_words
from tests.storage.making import LEDE, LOCAL, NOON, QUOTE, RUN, make_article
from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import ParagraphKind
from wirethread.storage.answers.filters import find_let_through
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog

TEXTS = [
    LEDE,
    QUOTE,
    LOCAL,
    "The harbour of Saltmarsh, a harbour for ferries, opened a new quay.",
    "Prices of herring rose by 3.5 percent in the week.",
    "Le port d’Ellery reste fermé, a dit le maire de la ville mardi.",
    "港口周二因起重机倒塌而关闭，渡轮改从盐沼出发。",
]


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    furniture = [ParagraphKind.BODY, ParagraphKind.FURNITURE]
    catalog.articles.add_articles(
        RUN, [make_article(f"a{n}", [text]) for n, text in enumerate(TEXTS)]
    )
    catalog.articles.add_articles(
        RUN,
        [
            make_article(
                "wire", [LEDE, "Subscribe to the harbour letter now."], kinds=furniture,
                outlet="Echo", agency="AP", published_at=NOON + timedelta(days=2),
            )
        ],
    )  # fmt: skip
    return catalog


def score_plainly(words: str, texts: list[str]) -> dict[str, float]:
    """BM25 as the book has it, over every text: the exact twin."""
    split = [re.findall(r"\w+", text.lower()) for text in texts]
    mean = sum(len(text.split()) for text in texts) / len(texts)
    scores: dict[str, float] = {}
    for text, tokens in zip(texts, split, strict=True):
        total = 0.0
        for word in words.split():
            frequency = sum(word in other for other in split)
            weight = math.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
            n = tokens.count(word)
            total += weight * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * len(text.split()) / mean))
        if total:
            scores[text] = total
    return scores


def test_words_are_scored_as_plain_bm25_does(filled: Catalog) -> None:
    hits = search_words(filled, "ferries harbour herring")
    wanted = score_plainly("ferries harbour herring", [*TEXTS[:6], TEXTS[6], LEDE])
    assert {hit.text for hit in hits} == set(wanted)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    spaced = {text: score for text, score in wanted.items() if text.isascii()}
    for hit in hits:
        assert hit.score == pytest.approx(spaced[hit.text], rel=0.25)  # words are counted otherwise
    assert hits[0].text in {TEXTS[3], TEXTS[4]}


def test_words_match_whole_words_of_any_case(filled: Catalog) -> None:
    assert [hit.article_id for hit in search_words(filled, "HERRING")] == ["a4"]
    assert search_words(filled, "herr") == []
    assert [hit.article_id for hit in search_words(filled, "fermé")] == ["a5"]


def test_words_of_a_script_without_spaces_are_found(filled: Catalog) -> None:
    assert [hit.article_id for hit in search_words(filled, "渡轮")] == ["a6"]


def test_nothing_is_found_for_no_words(filled: Catalog) -> None:
    assert search_words(filled, "") == search_words(filled, "?!") == []
    assert search_words(filled, "zeppelin") == []
    assert search_words(filled, "'; DROP TABLE store.articles; -- harbour")[0].score > 0


def test_furniture_is_never_found(filled: Catalog) -> None:
    assert search_words(filled, "subscribe letter") == []


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        (PassageFilter(outlet="ECHO"), {"wire"}),
        (PassageFilter(agency="ap"), {"wire"}),
        (PassageFilter(since=NOON + timedelta(days=1)), {"wire"}),
        (PassageFilter(until=NOON + timedelta(days=1)), {"a0", "a3"}),
        (PassageFilter(agency="AFP"), set()),
        (PassageFilter(), {"wire", "a0", "a3"}),
    ],
)
def test_hits_are_filtered_by_time_outlet_and_agency(
    filled: Catalog, chosen: PassageFilter, wanted: set[str]
) -> None:
    assert {hit.article_id for hit in search_words(filled, "harbour", chosen=chosen)} == wanted
    hashes = np.array([hash_text(LEDE), hash_text(TEXTS[3])])
    scores = np.array([0.9, 0.4], dtype=np.float32)
    assert {hit.article_id for hit in list_hits(filled, hashes, scores, chosen=chosen)} == wanted
    let_through = find_let_through(filled, chosen)
    if chosen == PassageFilter():
        assert let_through is None
    else:
        assert let_through is not None
        assert set(let_through.hashes.tolist()) & set(hashes.tolist()) == {
            hash_text(filled.articles.load_articles([key])[0].paragraphs[0].text) for key in wanted
        }


def test_every_place_of_a_text_is_a_hit_best_first(filled: Catalog) -> None:
    hashes = np.array([hash_text(QUOTE), hash_text(LEDE), 12345])
    hits = list_hits(filled, hashes, np.array([0.5, 0.8, 0.9], dtype=np.float32))
    assert [(hit.article_id, round(hit.score, 3)) for hit in hits] == [
        ("a0", 0.8),
        ("wire", 0.8),
        ("a1", 0.5),
    ]
    assert hits[0].published_at == NOON
    assert (
        list_hits(filled, hashes, np.array([0.5, 0.8, 0.9], dtype=np.float32), limit=1) == hits[:1]
    )
