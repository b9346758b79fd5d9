"""`wirethread copied`, `wire` and `duplicates` on the sample, as people and programs see them."""

from pathlib import Path

import pytest

from tests.wirethread.calling import call

pytestmark = pytest.mark.usefixtures("shown")


def test_who_an_outlet_copied_is_told_with_how_much_and_whether_it_says_so() -> None:
    rows = call("copied", "--by", "meridian post", "--json").json()
    assert {row["to_outlet"] for row in rows if row["is_directed"]} == {"Meridian Post"}
    first = rows[0]
    assert (first["from_outlet"], first["agency"], first["relation"]) == (
        "Reuters",
        "Reuters",
        "verbatim",
    )
    assert first["is_credited"] is True
    assert first["lag_minutes"] == 32.0
    assert first["n_words"] > 400


def test_who_copied_an_outlet_is_the_other_question() -> None:
    rows = call("copied", "--from", "Reuters", "--json").json()
    assert {row["from_outlet"] for row in rows if row["is_directed"]} == {"Reuters"}
    assert len({row["to_outlet"] for row in rows}) > 3


def test_people_see_a_row_a_pair_with_ids_that_can_be_asked_for(published: Path) -> None:
    told = call("copied", "--from", "Reuters", "--limit", "3").out
    rows = call("copied", "--from", "Reuters", "--limit", "3", "--json").json()
    assert len(rows) == 3
    for row in rows:
        assert row["from_article_id"] in told
        assert row["to_article_id"] in told


def test_wire_is_told_day_by_day_and_agency_by_agency() -> None:
    days = call("wire", "--outlet", "Meridian Post", "--json").json()
    assert [row["day"] for row in days] == ["2024-03-13", "2024-03-12", "2024-03-11"]
    assert days[-1]["wire_share"] == pytest.approx(1.0, abs=0.1)
    agencies = call("wire", "--outlet", "Meridian Post", "--by-agency", "--json").json()
    assert agencies[0]["agency"] == "Reuters"
    assert "Meridian Post" in call("wire", "--outlet", "Meridian Post").out


def test_duplicates_are_told_with_score_reason_and_who_stands_for_them() -> None:
    rows = call("duplicates", "--json").json()
    assert len(rows) > 5
    for row in rows:
        assert 0.5 <= row["score"] <= 1
        assert row["reason"].endswith("stand in both") or row["reason"] == "the same words"
        assert row["chosen_by"]
    assert "Reuters' own article" in {row["chosen_by"] for row in rows}
    assert "stand in both" in " ".join(call("duplicates").out.split())


def test_nothing_found_is_said() -> None:
    assert call("copied", "--since", "2030-01-01").out == "No copy between outlets was found.\n"
    assert call("duplicates", "--since", "2030-01-01", "--json").json() == []


def test_copies_of_an_outlet_are_those_it_ran_and_those_of_its_words() -> None:
    whole = call("copied", "--all", "--json").json()
    name = "Meridian Post"
    found = call("copied", "--outlet", name.upper(), "--all", "--json").json()
    assert found == [one for one in whole if name in {one["from_outlet"], one["to_outlet"]}]
    assert {one["to_outlet"] == name for one in found} == {True, False}


def test_one_agency_is_looked_at_alone_over_all_outlets() -> None:
    whole = call("wire", "--by-agency", "--all", "--json").json()
    found = call("wire", "--by-agency", "--agency", "Associated Press", "--json").json()
    assert found == [one for one in whole if one["agency"] == "AP"] != []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["copied", "--by", "Meridian"], "did you mean Meridian Post"),
        (["wire", "--outlet", "Meridian"], "did you mean Meridian Post"),
        (["wire", "--by-agency", "--since", "2024-03-11"], "--by-agency counts all days"),
        (["wire", "--agency", "AP"], "--agency goes with --by-agency"),
        (["wire", "--by-agency", "--agency", "Reutrs"], "did you mean Reuters"),
        (["copied", "--outlet", "Meridian"], "did you mean Meridian Post"),
        (["duplicates", "--since", "soon"], "--since: 'soon' is no day or time"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], words: str) -> None:
    told = call(*arguments)
    assert told.code != 0
    assert words in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    "asked",
    [
        ("stories",),
        ("stories", "--clusters"),
        ("copied",),
        ("wire",),
        ("wire", "--by-agency"),
        ("duplicates",),
    ],
    ids=" ".join,
)
def test_a_list_longer_than_its_limit_says_so_and_can_be_read_to_its_end(
    asked: tuple[str, ...],
) -> None:
    whole = call(*asked, "--all", "--json").json()
    assert len(whole) > 4
    first, last = call(*asked, "--limit", "3"), call(*asked, "--limit", "1000")
    assert "1 to 3. The list goes on: --offset 3" in " ".join(first.out.split())
    assert "The list goes on" not in last.out
    n_parts = -(-len(whole) // 3)
    parts = [call(*asked, "--limit", "3", "--offset", str(3 * n), "--json") for n in range(n_parts)]
    assert [row for part in parts for row in part.json()] == whole
    assert ["goes on" in part.err for part in parts] == [True] * (n_parts - 1) + [False]
    assert "ends before --offset 9000" in call(*asked, "--offset", "9000").out


def test_an_agency_may_be_written_out_and_one_that_is_not_there_is_named() -> None:
    for asked in (("stories",), ("stories", "--clusters"), ("copied",)):
        short = call(*asked, "--agency", "AP", "--json").json()
        assert short
        assert call(*asked, "--agency", "Associated Press", "--json").json() == short
    found = call("similar", "a chair factory burned", "--by", "words", "--agency", "AP", "--json")
    asked_for = ("similar", "a chair factory burned", "--by", "words", "--json")
    assert call(*asked_for, "--agency", "Associated Press").json() == found.json() != []
    for option, near in (("--agency", "Reuters"), ("--outlet", "Meridian Post")):
        refused = call("outdated", option, near[:-2] + "x")
        assert refused.code == 3
        assert f"did you mean {near}?" in refused.err
