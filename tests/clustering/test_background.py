"""How common words are taken to be, whatever the batch."""

import numpy as np

from wirethread.clustering.background import RAREST_SHARE, document_shares, hash_words


def test_function_words_are_common_in_their_language() -> None:
    for word, language in [
        ("the", "en"),
        ("und", "de"),
        ("que", "es"),
        ("на", "ru"),
        ("的", "zh"),
        ("の", "ja"),
        ("في", "ar"),
    ]:
        assert document_shares([word], language)[0] > 0.8, word


def test_unknown_words_are_rare_in_any_language() -> None:
    for language in ("en", "de", "zh", "xx", None):
        assert document_shares(["qvxtalmora"], language)[0] == RAREST_SHARE


def test_english_counts_whatever_the_language() -> None:
    english = document_shares(["said"], "en")
    assert document_shares(["said"], "fi")[0] >= english[0]
    assert document_shares(["said"], None)[0] == english[0]


def test_shares_lie_between_the_rarest_and_one() -> None:
    words = ["the", "said", "minister", "earthquake", "talmora", "3.5", "2018"]
    shares = document_shares(words, "en")
    assert np.all((shares >= RAREST_SHARE) & (shares <= 1.0))
    assert list(np.argsort(-shares)[:2]) == [0, 1]


def test_no_words_have_no_shares() -> None:
    assert document_shares([], "en").shape == (0,)
    assert hash_words([]).shape == (0,)


def test_hashes_are_stable() -> None:
    assert hash_words(["the", "Ω"]).tolist() == [3406988131, 363328572]
    assert len(set(hash_words([f"w{i}" for i in range(1000)]).tolist())) == 1000
