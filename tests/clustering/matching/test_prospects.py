"""The upper bound that leaves pairs out before alignment, against measuring every pair."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clustering.writing import embed_words, write_article
from wirethread.clustering.matching.evidence import measure_pairs
from wirethread.clustering.matching.evidence_pairs import group_by_articles
from wirethread.clustering.matching.pair_scores import HOPELESS
from wirethread.clustering.matching.passage_model import load_passage_model
from wirethread.clustering.matching.prospects import ProspectSearch
from wirethread.clustering.paragraphs.alignment import align_words
from wirethread.clustering.paragraphs.nearness import Nearness
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table
from wirethread.clustering.types import ArticleText

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "wirethread" / "sample" / "articles.jsonl"


def sample_articles() -> list[ArticleText]:
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()[:20]]
    return [
        write_article(
            row["id"],
            row["text"].split("\n\n"),
            outlet=row["outlet"],
            agency="Reuters" if place % 5 == 0 else None,
            published_at=NOON + timedelta(hours=place),
        )
        for place, row in enumerate(rows)
    ]


def mixed_articles(seed: int) -> list[ArticleText]:
    """Paragraphs that share runs of words, figures and names in every degree."""
    chance = random.Random(seed)
    words = [f"word{i}" for i in range(80)] + ["Velmora", "Ida", "Wren", "12", "340", "seven"]
    passages = [chance.choices(words, k=chance.randrange(6, 40)) for _ in range(12)]
    articles = []
    for number in range(10):
        paragraphs = []
        for _ in range(chance.randrange(1, 6)):
            found = list(chance.choice(passages))
            for _ in range(chance.randrange(0, len(found))):
                found[chance.randrange(len(found))] = chance.choice(words)
            begin = chance.randrange(0, len(found) // 2)
            paragraphs.append(" ".join(found[begin:] + chance.choices(words, k=3)))
        articles.append(
            write_article(
                f"a{number}",
                paragraphs,
                outlet=f"Outlet {number}",
                agency="Reuters" if number % 3 == 0 else None,
                published_at=NOON + timedelta(hours=number) if number % 4 else None,
            )
        )
    return articles


def list_pairs(table: ParagraphTable) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.triu_indices(len(table.texts), 1)
    apart = table.article_of[left] != table.article_of[right]
    return left[apart].astype(np.int64), right[apart].astype(np.int64)


def score_all(
    articles: Sequence[ArticleText], *, with_vectors: bool
) -> tuple[dict[frozenset[int], float], dict[frozenset[int], bool]]:
    """Return the local log-odds of every pair, and whether it is kept."""
    table = build_paragraph_table(
        articles, embed_words(articles) if with_vectors else None, min_words=4
    )
    model = load_passage_model(with_vectors=with_vectors)
    left, right = list_pairs(table)
    kept = ProspectSearch(table, model).find(left, right, HOPELESS)
    cache = ProfileCache(table)
    scores = {}
    for host, donor, pairs in group_by_articles(table, left, right):
        for pair in measure_pairs(cache, host, donor, pairs):
            scores[frozenset((pair.host, pair.donor))] = float(
                model.score_local(pair.values[None, :])[0]
            )
    flags = {
        frozenset((p, q)): bool(flag)
        for p, q, flag in zip(left.tolist(), right.tolist(), kept, strict=True)
    }
    return scores, flags


@pytest.mark.heavy
@pytest.mark.parametrize("with_vectors", [True, False])
def test_no_pair_that_would_be_looked_at_is_left_out_of_the_sample(with_vectors: bool) -> None:
    scores, kept = score_all(sample_articles(), with_vectors=with_vectors)
    hopeful = {pair for pair, score in scores.items() if score > HOPELESS}
    assert len(hopeful) > 20
    assert hopeful <= {pair for pair, is_kept in kept.items() if is_kept}
    if with_vectors:  # and it is worth its while
        assert sum(kept.values()) < 0.3 * len(kept)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), with_vectors=st.booleans())
def test_no_pair_that_would_be_looked_at_is_left_out_of_any_articles(
    seed: int, with_vectors: bool
) -> None:
    scores, kept = score_all(mixed_articles(seed), with_vectors=with_vectors)
    assert {pair for pair, score in scores.items() if score > HOPELESS} <= {
        pair for pair, is_kept in kept.items() if is_kept
    }


def test_the_order_of_the_two_paragraphs_makes_no_difference() -> None:
    articles = mixed_articles(3)
    table = build_paragraph_table(articles, embed_words(articles), min_words=4)
    model = load_passage_model(with_vectors=True)
    left, right = list_pairs(table)
    there = ProspectSearch(table, model).find(left, right, HOPELESS)
    assert there.any()
    assert not there.all()
    back = ProspectSearch(table, model).find(right[::-1], left[::-1], HOPELESS)[::-1]
    np.testing.assert_array_equal(there, back)


def test_nothing_to_look_at_is_no_obstacle() -> None:
    articles = mixed_articles(1)
    table = build_paragraph_table(articles, embed_words(articles), min_words=4)
    nothing = np.empty(0, dtype=np.int64)
    model = load_passage_model(with_vectors=True)
    assert not len(ProspectSearch(table, model).find(nothing, nothing, HOPELESS))


@settings(max_examples=100, deadline=None)
@given(
    left=st.text("abcd", min_size=3, max_size=30), right=st.text("abcd", min_size=3, max_size=30)
)
def test_words_in_runs_are_never_more_than_their_bound(left: str, right: str) -> None:
    from wirethread.clustering.matching.prospects import _Runs

    articles = [
        write_article(name, [" ".join(text)], outlet=name)
        for name, text in (("a", left), ("b", right))
    ]
    table = build_paragraph_table(articles, None, min_words=3)
    in_runs, in_long_runs = _Runs.of_table(table).bound(np.array([0]), np.array([1]))
    alignment = align_words(table.code_words(0), table.code_words(1))
    assert alignment.count_in_runs(3) <= in_runs[0]
    assert alignment.count_in_runs(5) <= in_long_runs[0]


@settings(max_examples=100, deadline=None)
@given(
    n_rows=st.integers(1, 7),
    n_columns=st.integers(1, 7),
    seed=st.integers(0, 1_000),
    steps=st.sampled_from([2, 5, 1_000]),
)
def test_nearness_is_what_comparing_one_by_one_gives(
    n_rows: int, n_columns: int, seed: int, steps: int
) -> None:
    # few steps make equal cosines
    chance = np.random.default_rng(seed)
    cosines = (chance.integers(-steps, steps + 1, (n_rows, n_columns)) / steps).astype(np.float32)
    rows, columns = (one.ravel() for one in np.indices(cosines.shape))
    found = np.array(Nearness(cosines).compare(rows, columns)).T
    for (row, column), values in zip(
        zip(rows.tolist(), columns.tolist(), strict=True), found, strict=True
    ):
        cosine = float(cosines[row, column])
        across = np.delete(cosines[row], column)
        down = np.delete(cosines[:, column], row)
        others = np.sort(np.delete(cosines.max(axis=1), row))[-3:]
        assert values.tolist() == pytest.approx(
            [
                cosine,
                cosine - max([0.0, *across.tolist()]),
                cosine - max([0.0, *down.tolist()]),
                float(others.mean()) if len(others) else 0.0,
            ],
            abs=1e-6,
        )
