"""Candidates by meaning, against every two articles one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made.made_news import make_news
from tests.clustering.writing import embed_words, write_article
from wirethread.clustering.candidates import neighbours
from wirethread.clustering.candidates.neighbours import find_neighbours
from wirethread.clustering.outlets import number_publishers, share_own_texts
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table

WINDOW, LIMIT = 0.4, 0.35
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def find_one_by_one(
    table: ParagraphTable, is_new: np.ndarray, publishers: np.ndarray
) -> set[tuple[int, int]]:
    assert table.vectors is not None
    found = set()
    for a in range(len(table.articles)):
        for b in range(a + 1, len(table.articles)):
            if abs(table.days[a] - table.days[b]) > WINDOW or not (is_new[a] or is_new[b]):
                continue
            if share_own_texts(publishers[a][None], publishers[b][None])[0]:
                continue
            one = range(*table.article_starts[a : a + 2].tolist())
            other = range(*table.article_starts[b : b + 2].tolist())
            near = table.vectors[one] @ table.vectors[other].T
            is_best = (near >= near.max(axis=0) - 1e-6) | (
                near >= near.max(axis=1, keepdims=True) - 1e-6
            )
            rows, columns = np.nonzero(is_best & (near >= LIMIT))
            found |= {
                (one[i], other[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            }
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_neighbours_are_those_of_all_articles_compared_one_by_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    news = make_news(40, seed=seed)
    articles = [
        text if chance.random() < 0.8 else replace(text, published_at=None) for text in news.texts
    ]
    table = build_paragraph_table(articles, news.vectors, min_words=4)
    is_new = chance.random(len(articles)) < 0.6
    publishers = number_publishers(articles)
    with pytest.MonkeyPatch.context() as patch:
        # so small that blocks end inside the data
        patch.setattr(neighbours, "_ROWS", 11)
        patch.setattr(neighbours, "_COLUMNS", 23)
        left, right = find_neighbours(
            table, is_new, publishers, window_days=WINDOW, min_similarity=LIMIT
        )
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == find_one_by_one(table, is_new, publishers)
    assert len(pairs) > 10


@pytest.mark.parametrize("rows", [11, 256])
def test_a_paragraph_is_paired_with_the_older_ones_of_the_highest_promise(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    chance = np.random.default_rng(5)
    words = [f"word{number}" for number in range(20)]
    articles = [
        write_article(
            f"a{number:02}",
            [" ".join(chance.choice(words, 9)) for _ in range(3)],
            outlet=f"Paper {number}",
            published_at=None if number % 9 == 4 else NOON + timedelta(days=number / 100),
        )
        for number in chance.permutation(40)
    ]
    table = build_paragraph_table(articles, embed_words(articles), min_words=4)
    assert table.vectors is not None
    is_new = np.arange(40) % 3 > 0
    cosine = table.vectors @ table.vectors.T

    def measure(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return cosine[left, right] - 0.4

    def list_pairs(**bounds: object) -> list[tuple[int, int]]:
        left, right = find_neighbours(
            table, is_new, number_publishers(articles), window_days=WINDOW, min_similarity=LIMIT,
            **bounds,
        )  # fmt: skip
        return list(zip(left.tolist(), right.tolist(), strict=True))

    monkeypatch.setattr(neighbours, "_ROWS", rows)
    monkeypatch.setattr(neighbours, "_COLUMNS", 23)
    rank = np.empty(40, dtype=int)
    rank[neighbours.order_by_time(table)] = np.arange(40)
    found_by: dict[int, list[tuple[float, int, tuple[int, int]]]] = {}
    for pair in list_pairs():
        a, b = (int(table.article_of[side]) for side in pair)
        finds_b = not is_new[b] if is_new[a] != is_new[b] else bool(rank[a] > rank[b])
        finder, other = pair if finds_b else pair[::-1]
        if (promise := float(measure(*(np.array([side]) for side in pair))[0])) >= 0:
            place = int(rank[table.article_of[other]]) * 1_000 + other
            found_by.setdefault(finder, []).append((-round(promise, 4), place, pair))
    expected = {pair for found in found_by.values() for *_, pair in sorted(found)[:3]}
    pairs = list_pairs(measure=measure, most=3)
    assert sorted(pairs) == sorted(expected)
    assert 3 < len(pairs) < len(list_pairs(measure=measure)) < len(list_pairs())
