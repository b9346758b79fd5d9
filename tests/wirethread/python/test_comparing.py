"""`wirethread.compare`: whether two texts share copy, without an archive."""

import pytest

import wirethread as wt
from wirethread.embedding.hashing import HashingEncoder

QUAKE = (
    "Rescuers pulled eleven people alive from the ruins of a textile mill in Ostrel on Monday,"
    " hours after an earthquake of magnitude 6.4 flattened half of the town's old quarter."
)
MINE = "The mayor, who has kept a shop on the square for thirty years, slept in her car that night."
BANK = (
    "The central bank left its main interest rate at 4.25 percent for the third meeting in a row"
    " and said that it would wait for figures on wages before it thought of a cut."
)


def test_copy_within_own_words_is_found_with_its_place() -> None:
    other = f"{MINE}\n\n{QUAKE}"
    found = wt.compare(QUAKE, other)
    assert found.is_copy
    assert found.relation == "verbatim"
    assert found.copied_share == 1.0
    assert 0.4 < found.other_copied_share < 0.8
    (passage,) = found.passages
    assert other[passage.other_begin : passage.other_end] == QUAKE
    assert passage.text == passage.other_text == QUAKE
    assert found.verdict == "1 shared passage"


def test_an_edited_copy_is_one() -> None:
    edited = QUAKE.replace("on Monday, hours after", "late on Monday after").replace("people ", "")
    found = wt.compare(QUAKE, edited)
    assert found.is_copy
    assert found.relation == "edited"
    assert 0.3 < found.duplicate_score < 1


def test_unlike_texts_share_nothing() -> None:
    found = wt.compare(QUAKE, BANK)
    assert not found.is_copy
    assert (found.passages, found.relation, found.copied_share) == ([], None, 0.0)
    assert found.verdict.startswith("no shared copy")


def test_one_text_with_itself_is_one_text() -> None:
    found = wt.compare(QUAKE, QUAKE)
    assert (found.copied_share, found.other_copied_share, found.duplicate_score) == (1, 1, 1)


def test_the_order_of_the_texts_is_kept() -> None:
    other = f"{MINE}\n\n{QUAKE}"
    assert wt.compare(other, QUAKE).passages[0].begin == len(MINE) + 2


def test_meaning_is_compared_where_a_model_is_given() -> None:
    found = wt.compare(QUAKE, f"{MINE}\n\n{QUAKE}", by="both", encoder=HashingEncoder())
    assert found.is_copy


def test_records_may_say_who_ran_it() -> None:
    wire = {"title": "Quake", "text": QUAKE, "outlet": "Reuters"}
    copy = {"title": "Town in ruins", "text": f"{QUAKE}\n\n{MINE}", "outlet": "Metro Post"}
    assert wt.compare(copy, wire).is_copy
    assert "<del>" not in wt.compare(copy, wire)._repr_html_()


@pytest.mark.parametrize("text", ["", "  ", "— ! —"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(wt.SourceError, match="the right text cannot be compared"):
        wt.compare(QUAKE, text)


def test_another_way_to_compare_is_refused() -> None:
    with pytest.raises(wt.ConfigError, match="by must be words or both, not 'sound'"):
        wt.compare(QUAKE, BANK, by="sound")
