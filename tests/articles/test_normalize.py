import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirethread.articles.normalize import hash_text, normalize_text, tokenize_spans, tokenize_words


def test_quotes_dashes_spaces_and_case_do_not_change_a_text():
    left = "“It’s over,” she said — 5\u00a0km\u2009away.  The\nend"
    right = '"it\'s over," SHE said - 5 km away. the end'
    assert normalize_text(left) == normalize_text(right) == right.lower()
    assert hash_text(left) == hash_text(right)


def test_other_words_have_another_hash():
    assert hash_text("Day 2 of the talks") != hash_text("Day 21 of the talks")


def test_a_hash_is_a_signed_64_bit_number_and_stays_the_same():
    assert hash_text("The mayor resigned.") == hash_text("the  mayor resigned.")
    assert all(-(2**63) <= hash_text(f"text {n}") < 2**63 for n in range(200))
    assert min(hash_text(f"text {n}") for n in range(200)) < 0


@given(st.text())
def test_normalizing_twice_changes_nothing(text):
    once = normalize_text(text)
    assert normalize_text(once) == once


@given(st.text())
def test_every_word_stands_where_its_offsets_say(text):
    end_of_last = 0
    for word, begin, end in tokenize_spans(text):
        assert end_of_last <= begin < end <= len(text)
        assert word
        assert word.replace(".", "") in normalize_text(text[begin:end]).replace(".", "")
        end_of_last = end


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,200 people, 3.5 percent", ["1,200", "people", "3.5", "percent"]),
        ("Trump’s and the boys' U.S. visit", ["trump", "and", "the", "boys", "us", "visit"]),
        ("O'Brien's F-16", ["o'brien", "f", "16"]),
        ("東京は5日", ["東", "京", "は", "5", "日"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Der Bürger", ["der", "bürger"]),
        ("", []),
        ("... — !", []),
    ],
)
def test_words_are_divided_in_any_script(text, words):
    assert tokenize_words(text) == words
