"""Pairs worth a score, against every pair one by one."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.clustering.links import pairs as story_pairs
from wirethread.clustering.links.pairs import find_story_pairs, measure_pairs
from wirethread.clustering.links.score import measure_time_penalties
from wirethread.clustering.settings import StorySettings

DENSE, SPARSE, LIMIT, WINDOW = 0.4, 0.6, 0.35, 6.0


def make_rows(seed: int, n: int) -> tuple[np.ndarray, sp.csr_array, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(n, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = chance.random((n, 40)) * (chance.random((n, 40)) < chance.random(40) ** 2)
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
    days = np.round(chance.random(n) * 30, 1)
    days[chance.random(n) < 0.2] = np.nan
    return vectors.astype(np.float32), sp.csr_array(weights), days, chance.random(n) < 0.7


@pytest.mark.heavy
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_pairs_and_their_cosines_are_those_of_all_pairs_tried_one_by_one(seed: int, n: int) -> None:
    vectors, weights, days, is_new = make_rows(seed, n)
    is_rare = np.arange(40) % 3 == 0
    options = StorySettings()
    with pytest.MonkeyPatch.context() as patch:
        # so small that windows, blocks and tiles end inside the data
        patch.setattr(story_pairs, "_BLOCK", 7)
        patch.setattr(story_pairs, "_MIN_BLOCK", 3)
        patch.setattr(story_pairs, "_TILE", 5)
        found = find_story_pairs(
            vectors=vectors,
            weights=weights,
            is_rare=is_rare,
            days=days,
            is_new=is_new,
            dense_weight=DENSE,
            sparse_weight=SPARSE,
            min_score=LIMIT,
            window_days=WINDOW,
            find_penalty=lambda gaps: measure_time_penalties(gaps, options),
        )
    full = weights.toarray()
    expected = {}
    for i in range(n):
        for j in range(i + 1, n):
            gap = abs(days[i] - days[j])
            if not (is_new[i] or is_new[j]) or gap > WINDOW:
                continue
            dense = float(vectors[i].astype(np.float64) @ vectors[j].astype(np.float64))
            sparse = float(full[i] @ full[j])
            penalty = float(measure_time_penalties(np.array([gap]), options)[0])
            if DENSE * max(dense, 0.0) + SPARSE * sparse - penalty >= LIMIT:
                names = float(full[i][is_rare] @ full[j][is_rare])
                expected[i, j] = (dense, sparse, names)
    places = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    pairs = [(min(pair), max(pair)) for pair in places]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == expected.keys()
    for pair, *values in zip(
        pairs, found.dense.tolist(), found.sparse.tolist(), found.names.tolist(), strict=True
    ):
        assert tuple(values) == pytest.approx(expected[pair], abs=1e-12)
    again = measure_pairs(
        vectors=vectors, weights=weights, is_rare=is_rare, left=found.left, right=found.right
    )
    for name in ("dense", "sparse", "names"):
        assert getattr(again, name) == pytest.approx(getattr(found, name), abs=1e-12)


def test_a_pair_at_the_edge_of_the_window_is_found_whichever_of_the_two_is_new() -> None:
    vectors, weights, _, _ = make_rows(7806, 35)
    days = np.full(35, np.nan)
    days[[3, 20]] = 0.9, 6.9  # 6.9 - 0.9 is 6.0, but 6.9 - 6.0 is less than 0.9
    assert days[20] - WINDOW > days[3] - 1e-9
    vectors[20], weights = vectors[3], sp.csr_array(weights)
    for fresh in ([3], [20], [3, 20]):
        is_new = np.isin(np.arange(35), fresh)
        found = find_story_pairs(
            vectors=vectors,
            weights=weights,
            is_rare=np.zeros(40, dtype=bool),
            days=days,
            is_new=is_new,
            dense_weight=DENSE,
            sparse_weight=SPARSE,
            min_score=0.3,
            window_days=WINDOW,
        )
        pairs = {frozenset(pair) for pair in zip(found.left, found.right, strict=True)}
        assert frozenset((3, 20)) in pairs
