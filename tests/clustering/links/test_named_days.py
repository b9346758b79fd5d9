"""The weekdays that texts name, in several languages, and what their agreement says."""

import numpy as np
import pytest

from wirethread.clustering.links.named_days import AGREEING, compare_named_days, weigh_named_days

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The bridge fell on Tuesday, police said.", TUESDAY),
        (None, "The bridge fell on Tuesday's first shift.", TUESDAY),
        ("de", "Die Brücke stürzte am Dienstagabend ein.", TUESDAY),
        ("fr", "Le pont s'est effondré mercredi matin.", WEDNESDAY),
        ("es", "El puente se cayó el sábado.", SATURDAY),
        ("pt", "A segunda ponte caiu nesta quinta-feira.", THURSDAY),
        ("ru", "Мост рухнул в среду вечером.", WEDNESDAY),
        ("ru", "Мост закрыт до четверга.", THURSDAY),
        ("zh", "警方称大桥周五倒塌。", FRIDAY),
        ("ja", "橋は土曜日に崩れた。", SATURDAY),
        ("ko", "다리가 수요일에 무너졌다.", WEDNESDAY),
        ("ar", "انهار الجسر يوم الأحد بعد الأحداث.", SUNDAY),
        ("th", "สะพานถล่มเมื่อวันอังคาร", TUESDAY),
        ("hi", "पुल सोमवार को गिर गया।", MONDAY),
    ],
)
def test_a_weekday_is_found_in_its_language(language: str | None, text: str, day: int) -> None:
    assert np.flatnonzero(weigh_named_days("", text, language)).tolist() == [day]


@pytest.mark.parametrize("text", ["The cat sat in the sun, wed to its habit.", "", "Mit Sonne."])
def test_short_words_that_look_like_days_are_none(text: str) -> None:
    for language in ("en", "de"):
        assert not weigh_named_days(text, text, language).any()


def test_a_language_whose_days_are_unknown_is_read_as_english() -> None:
    assert (
        weigh_named_days("", "on Friday", "xx")[FRIDAY]
        == weigh_named_days("", "on Friday", "en")[FRIDAY]
    )


def test_a_day_named_late_counts_less_and_one_far_down_not_at_all() -> None:
    early = weigh_named_days("", "On Monday. " + "x " * 500 + "On Friday.", "en")
    assert early[MONDAY] == pytest.approx(1.0, abs=0.01)
    assert early[FRIDAY] == pytest.approx(0.5, abs=0.01)
    assert not weigh_named_days("", "x " * 2000 + "On Friday.", "en").any()


def test_other_days_speak_against_and_the_same_days_for() -> None:
    tuesday = weigh_named_days("Bridge falls Tuesday", "On Tuesday it fell.", "en")
    mardi = weigh_named_days("Un pont s'effondre mardi", "Il est tombé mardi.", "fr")
    sunday = weigh_named_days("Bridge falls Sunday", "On Sunday it fell.", "en")
    nothing = weigh_named_days("Bridge falls", "It fell.", "en")
    found = compare_named_days(
        np.stack([tuesday] * 4), np.stack([mardi, sunday, nothing, tuesday / 3])
    )
    assert found.tolist() == pytest.approx(
        [1 - AGREEING, -AGREEING, 0.0, (1 - AGREEING) * float(tuesday.sum()) / 3 / 1.5], abs=1e-6
    )
