"""Cluster scores against their definitions and against scikit-learn."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.measures.metrics import (
    find_worst_merges,
    find_worst_splits,
    score_clusters,
)

labels = st.integers(1, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
    )
)


def bcubed_by_definition(gold: list[int], guess: list[int]) -> tuple[float, float]:
    n = len(gold)
    precision = recall = 0.0
    for i in range(n):
        same_guess = [j for j in range(n) if guess[j] == guess[i]]
        same_gold = [j for j in range(n) if gold[j] == gold[i]]
        right = sum(gold[j] == gold[i] for j in same_guess)
        precision += right / len(same_guess) / n
        recall += right / len(same_gold) / n
    return precision, recall


@given(labels)
def test_bcubed_matches_its_definition(case: tuple[list[int], list[int]]) -> None:
    gold, guess = case
    precision, recall = bcubed_by_definition(gold, guess)
    found = score_clusters(gold, guess).bcubed
    assert found.precision == pytest.approx(precision)
    assert found.recall == pytest.approx(recall)
    assert found.f1 == pytest.approx(2 * precision * recall / (precision + recall))


@given(labels)
def test_pairs_match_counting_them(case: tuple[list[int], list[int]]) -> None:
    gold, guess = case
    pairs = list(itertools.combinations(range(len(gold)), 2))
    guessed = [pair for pair in pairs if guess[pair[0]] == guess[pair[1]]]
    true = [pair for pair in pairs if gold[pair[0]] == gold[pair[1]]]
    both = set(guessed) & set(true)
    found = score_clusters(gold, guess).pairwise
    assert found.precision == pytest.approx(len(both) / len(guessed) if guessed else 1.0)
    assert found.recall == pytest.approx(len(both) / len(true) if true else 1.0)


@pytest.mark.heavy
@settings(deadline=None)  # the first example loads scikit-learn
@given(labels)
def test_rand_and_v_measure_match_scikit_learn(case: tuple[list[int], list[int]]) -> None:
    from sklearn.metrics import adjusted_rand_score, homogeneity_completeness_v_measure

    gold, guess = case
    found = score_clusters(gold, guess)
    assert found.adjusted_rand == pytest.approx(adjusted_rand_score(gold, guess))
    homogeneity, completeness, v_measure = homogeneity_completeness_v_measure(gold, guess)
    assert found.homogeneity == pytest.approx(homogeneity)
    assert found.completeness == pytest.approx(completeness)
    assert found.v_measure == pytest.approx(v_measure)


def test_a_perfect_answer_scores_one_whatever_the_names() -> None:
    found = score_clusters(["x", "x", "y"], [7, 7, 3])
    assert (found.bcubed.f1, found.pairwise.f1, found.adjusted_rand, found.v_measure) == (
        1,
        1,
        1,
        1,
    )
    assert (found.n_articles, found.n_labelled_clusters, found.n_predicted_clusters) == (3, 2, 2)
    assert (found.largest_labelled, found.largest_predicted) == (2, 2)


def test_a_worked_example_of_one_blob() -> None:
    found = score_clusters(["x", "x", "y", "y"], [0, 0, 0, 0])
    assert found.bcubed.precision == pytest.approx(0.5)
    assert found.bcubed.recall == 1.0
    assert found.pairwise.precision == pytest.approx(2 / 6)
    assert found.adjusted_rand == 0.0


def test_no_articles_are_no_error() -> None:
    assert score_clusters([], []).n_articles == 0


def test_labels_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels for 2 predictions"):
        score_clusters([1, 2, 3], [1, 2])


def test_worst_merges_and_splits_are_listed_worst_first() -> None:
    ids = [ArticleId(f"a{i}") for i in range(7)]
    gold = dict(zip(ids, ["x", "x", "x", "y", "y", "z", "z"], strict=True))
    guess = dict(zip(ids, [0, 0, 1, 1, 1, 2, 3], strict=True))
    merges = find_worst_merges(gold, guess)
    assert [(error.label, error.n_wrong_pairs) for error in merges] == [("1", 2)]
    assert merges[0].parts == [["a3", "a4"], ["a2"]]
    splits = find_worst_splits(gold, guess)
    assert [(error.label, error.n_wrong_pairs) for error in splits] == [("x", 2), ("z", 1)]
    assert splits[0].parts == [["a0", "a1"], ["a2"]]


def test_worst_lists_do_not_depend_on_order() -> None:
    ids = [ArticleId(f"a{i:02d}") for i in range(30)]
    shuffler = random.Random(1)
    gold = {i: shuffler.randrange(6) for i in ids}
    guess = {i: shuffler.randrange(6) for i in ids}
    expected = find_worst_merges(gold, guess, limit=3)
    shuffler.shuffle(ids)
    assert (
        find_worst_merges({i: gold[i] for i in ids}, {i: guess[i] for i in ids}, limit=3)
        == expected
    )
    assert len(expected) == 3
