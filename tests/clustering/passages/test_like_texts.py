"""Texts that are copies of one another are found without comparing all with all."""

import random
from itertools import combinations

import numpy as np
import pytest
import xxhash

from wirethread.articles.normalize import tokenize_words
from wirethread.clustering.passages import like_texts
from wirethread.clustering.passages.like_texts import choose_kept, compare_texts, find_like_texts

WORDS = [f"word{number}" for number in range(3_000)]


def write(rng: random.Random, n_words: int) -> list[str]:
    return rng.choices(WORDS, k=n_words)


def change(rng: random.Random, words: list[str], n_changes: int) -> list[str]:
    changed = list(words)
    for place in rng.sample(range(len(words)), n_changes):
        changed[place] = f"other{rng.randrange(10_000)}"
    return changed


def resemble(left: str, right: str) -> float:
    """The share of runs of five words in common, the slow and plain way."""
    a, b = (
        {tuple(words[place : place + 5]) for place in range(len(words) - 4)}
        for words in (left.split(), right.split())
    )
    return len(a & b) / len(a | b)


def make_texts(seed: int) -> list[str]:
    rng = random.Random(seed)
    texts = []
    for _ in range(60):
        words = write(rng, rng.randint(20, 300))
        texts.append(" ".join(words))
        for _ in range(rng.randint(0, 4)):
            texts.append(" ".join(change(rng, words, rng.randint(0, len(words) // 15))))
    rng.shuffle(texts)
    return texts


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_pair_above_the_lowest_score_is_found_with_its_exact_score(seed: int) -> None:
    texts = make_texts(seed)
    found = find_like_texts(texts)
    distinct = sorted({int(place) for place in found.equal_to})
    expected = {
        (i, j): score
        for i, j in combinations(distinct, 2)
        if (score := resemble(texts[i], texts[j])) >= 0.3
    }
    pairs = zip(found.left.tolist(), found.right.tolist(), found.scores.tolist(), strict=True)
    assert {(i, j): round(score, 9) for i, j, score in pairs} == {
        pair: round(score, 9) for pair, score in expected.items()
    }
    assert len(expected) > 30


def test_what_is_left_out_is_alike_to_what_is_kept_and_what_is_kept_is_not_alike() -> None:
    texts = make_texts(4)
    kept, scores = choose_kept(find_like_texts(texts), 0.6)
    stay = [place for place in range(len(texts)) if kept[place] == place]
    for place, leader in enumerate(kept.tolist()):
        assert kept[leader] == leader
        if leader != place:
            assert leader < place
            assert scores[place] == pytest.approx(resemble(texts[leader], texts[place]))
            assert scores[place] >= 0.6
    assert all(resemble(texts[i], texts[j]) < 0.6 for i, j in combinations(stay, 2))


def test_likeness_is_not_passed_on_from_copy_to_copy() -> None:
    rng = random.Random(5)
    first = write(rng, 200)
    second = [*first[60:], *write(rng, 60)]
    third = [*second[60:], *write(rng, 60)]
    texts = [" ".join(words) for words in (first, second, third)]
    kept, _ = choose_kept(find_like_texts(texts), 0.5)
    assert resemble(texts[0], texts[2]) < 0.5 <= resemble(texts[1], texts[2])
    assert kept.tolist() == [0, 0, 2]


def test_a_thousand_copies_of_one_text_take_pairs_as_many_as_copies() -> None:
    rng = random.Random(6)
    words = write(rng, 200)
    texts = [" ".join(change(rng, words, 3)) for _ in range(1_000)]
    found = find_like_texts(texts)
    assert len(found.left) < 40 * len(texts)
    kept, _ = choose_kept(found, 0.7)
    assert len(set(kept.tolist())) < 10


def test_case_stops_and_quotes_make_no_other_text() -> None:
    texts = ['The mayor said: "No comment."', "the Mayor said — “no comment”", "The mayor left."]
    assert find_like_texts(texts).equal_to.tolist() == [0, 0, 2]
    assert compare_texts(texts[0], texts[1]) == 1.0


def test_texts_of_a_few_words_are_copies_only_where_they_are_equal() -> None:
    texts = ["Storm hits coast", "Storm hits coast.", "Storm hits town", "", "  ", "?"]
    found = find_like_texts(texts)
    assert found.equal_to.tolist() == [0, 0, 2, 3, 4, 5]
    assert len(found.left) == 0


def test_scripts_without_spaces_are_compared_by_character() -> None:
    text = "东京电力公司周一表示，将从本周四开始排放处理后的废水，预计持续十七天。"
    assert compare_texts(text, text.replace("周四", "周五")) > 0.6
    assert (
        compare_texts(text, "气象厅周二发布了关于台风路径的最新预报，提醒沿海居民注意安全。") == 0
    )


def test_no_text_and_one_text_have_no_pairs() -> None:
    assert find_like_texts([]).equal_to.tolist() == []
    assert choose_kept(find_like_texts(["one text of more than five words"]), 0.7)[0].tolist() == [
        0
    ]
    assert compare_texts("", "") == 0.0


def test_runs_that_stand_everywhere_leave_unlike_texts_apart() -> None:
    rng = random.Random(7)
    line = " ".join(write(rng, 30))
    texts = [f"{' '.join(write(rng, 60))} {line}" for _ in range(300)]
    kept, _ = choose_kept(find_like_texts(texts), 0.7)
    assert np.array_equal(kept, np.arange(300))
    assert like_texts.LOWEST_SCORE == 0.3


def test_words_are_those_that_everything_else_compares() -> None:
    texts = [
        "O'Brien paid $1,200.50 at 10:30 a.m. in the U.S., said the mayor's aide\u2014twice.",
        "The inspec-\nted hull, half-\nSunk, is 3.5 m below; zero\u200bwidth and caf\u00e9 \uff21.",
        "\u6771\u4eac\u96fb\u529b\u306f\u5468\u4e00 13:00 \u0e01\u0e32\u0e23 no-one's \u2019tis.",
    ]
    for text in texts:
        words = [xxhash.xxh3_64_intdigest(word.encode()) for word in tokenize_words(text)]
        assert like_texts._hash_words([text])[0].tolist() == words
