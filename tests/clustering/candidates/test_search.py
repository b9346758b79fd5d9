import random
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.clustering.writing import embed_words, write_article
from wirethread.clustering.candidates.neighbours import find_neighbours
from wirethread.clustering.outlets import are_one_publisher, name_publisher, number_publishers
from wirethread.clustering.paragraphs.shingles import hash_shingles, join_shingles
from wirethread.clustering.paragraphs.table import build_paragraph_table, find_dateline_end

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_joined_shingles_match_brute_force() -> None:
    random.seed(1)
    texts = [[random.randrange(6) for _ in range(random.randrange(12))] for _ in range(40)]
    starts = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    words = np.array([word for text in texts for word in text], dtype=np.uint64)
    left, right, shared = join_shingles(*hash_shingles(words, starts, 3), max_postings=100)
    runs = [{tuple(text[i : i + 3]) for i in range(len(text) - 2)} for text in texts]
    expected = {
        (i, j): len(runs[i] & runs[j])
        for i in range(40)
        for j in range(i + 1, 40)
        if runs[i] & runs[j]
    }
    found = zip(left.tolist(), right.tolist(), shared.tolist(), strict=True)
    assert {(i, j): n for i, j, n in found} == expected


def test_text_that_ran_everywhere_stays_connected_and_cheap() -> None:
    words = np.tile(np.arange(5, dtype=np.uint64), 200)
    starts = np.arange(0, 1001, 5, dtype=np.int64)
    left, right, _ = join_shingles(*hash_shingles(words, starts, 5), max_postings=20)
    assert set(left.tolist()) == {0, 1, 2, 3}
    assert set(right[left == 0].tolist()) == set(range(1, 200))


def test_neighbours_match_brute_force() -> None:
    random.seed(2)
    vocabulary = [f"word{i}" for i in range(60)]
    articles = [
        write_article(
            f"a{i:02}",
            [" ".join(random.choices(vocabulary, k=12)) for _ in range(random.randrange(1, 6))],
            outlet=f"Outlet {'ABCD'[i % 4]}",
            published_at=None if i % 7 == 6 else NOON + timedelta(days=i),
        )
        for i in range(20)
    ]
    table = build_paragraph_table(articles, embed_words(articles), min_words=4)
    is_new = np.array([i % 3 > 0 for i in range(20)])
    left, right = find_neighbours(
        table, is_new, number_publishers(articles), window_days=5, min_similarity=0.3
    )
    assert table.vectors is not None
    cosine = table.vectors @ table.vectors.T
    expected = set()
    for i in range(len(table.texts)):
        for j in range(i + 1, len(table.texts)):
            a, b = table.article_of[i], table.article_of[j]
            gap = abs(table.days[a] - table.days[b])
            if articles[a].outlet == articles[b].outlet or not (is_new[a] or is_new[b]) or gap > 5:
                continue
            best_in_b = cosine[i, table.article_of == b].max()
            best_in_a = cosine[table.article_of == a, j].max()
            nearest = cosine[i, j] >= best_in_b - 1e-6 or cosine[i, j] >= best_in_a - 1e-6
            if cosine[i, j] >= 0.3 and nearest:
                expected.add((i, j))
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected


def test_datelines_are_found_and_other_brackets_are_not() -> None:
    for dateline in (
        "LONDON, Jan 5 (Reuters) - ",
        "BUENOS AIRES, Argentina (AP) — ",
        "Cairo (AFP) – ",
        "(Reuters) - ",
        "WASHINGTON/TALLAHASSEE, Fla. (Reuters) - ",
    ):
        assert find_dateline_end(dateline + "The port is closed.") == len(dateline)
    for text in (
        "According to the Harbour Research Institute (HRI) — a small body — the port is closed.",
        "The port is closed (again) until Friday.",
    ):
        assert find_dateline_end(text) == 0


def test_one_word_of_any_length_is_no_dateline() -> None:
    for word in ("x", "X", "Xx", "a,"):
        assert find_dateline_end(word * 200_000) == 0
        assert find_dateline_end(f"{word * 200_000} (Reuters) - ") == 0


def test_editions_and_addresses_name_one_publisher() -> None:
    assert name_publisher("The Morning Herald (Opinion)") == name_publisher("Morning Herald - News")
    assert name_publisher("https://edition.herald.co.uk/a/1") == name_publisher("www.herald.co.uk")
    assert name_publisher("Morning Herald") != name_publisher("Evening Herald")


def test_agency_copy_that_a_paper_printed_shares_the_pages_of_that_paper() -> None:
    own = write_article("a", ["x"], outlet="Valley Post")
    printed = write_article("b", ["x"], outlet="Valley Post", agency="AP")
    assert are_one_publisher(own, own)
    assert are_one_publisher(own, printed)
    assert not are_one_publisher(own, write_article("c", ["x"], outlet="Reuters", agency="Reuters"))
