"""Months and weekdays of all languages, known without the seconds that the locale data takes."""

import pytest

from wirethread.articles.calendar_words import _load_names, collect_names, is_calendar_word


@pytest.mark.heavy
def test_the_shipped_names_are_those_of_the_locale_data() -> None:
    assert _load_names()[0] == collect_names()


@pytest.mark.parametrize(
    "word", ["Januar", "novembrī", "Sept.", "mars", "среда", "lunes", "syyskuuta"]
)
def test_a_month_or_weekday_is_known_in_any_language_and_case(word: str) -> None:
    assert is_calendar_word(word)


@pytest.mark.parametrize("word", ["Reuters", "London", "inquiry", "x"])
def test_another_word_is_none(word: str) -> None:
    assert not is_calendar_word(word)
