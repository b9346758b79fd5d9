"""Notices of agencies, what they are about, and who still runs the older words."""

from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import fetch, read_digest
from tests.flows.intake.test_versions import (
    AGENCY,
    AGENCY_TEXT,
    CONCERT,
    PAPER,
    PAPER_LEDE,
    at,
    change,
    make_row,
    read_state,
    run,
)

TRUTHFUL = make_row(
    "sun-ferry",
    "Lenna Sun",
    "Ferry aground: what we know",
    [text.replace("12 people", "21 people") for text in AGENCY_TEXT[:2]],
    140,
)
COPY = make_row(
    "her-ferry", "Ostraven Herald", "Dozen hurt as ferry hits sandbank", AGENCY_TEXT[:2], 20
)
CORRECTED = {
    **change(AGENCY, "12 people", "21 people"),
    "id": "rtr-ferry-2",
    "url": "https://reuters.example/news/rtr-ferry-2",
    "title": "CORRECTED-Ferry runs aground off Ostraven",
    "published_at": at(120),
}
CORRECTED["text"] = "(Corrects number of injured to 21 in first paragraph)\n\n" + CORRECTED["text"]
KILL = make_row(
    "rtr-kill",
    "Reuters",
    "BULLETIN KILL: Ferry runs aground off Ostraven",
    [
        "OSTRAVEN, May 6 (Reuters) - Please disregard the story headlined “Ferry runs aground off "
        "Ostraven”, which was sent at 1200 GMT. Its source could not be confirmed. There will be "
        "no substitute story for clients."
    ],
    180,
)


def list_outdated(folder: Path) -> list[tuple[Any, ...]]:
    return fetch(
        folder,
        "SELECT kind, outlet, old_words, new_words, notice_words FROM outdated_copies ORDER BY ALL",
    )


@pytest.mark.thorough
def test_an_outlet_that_still_runs_the_figure_before_the_correction_is_listed(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    result = run(data, [AGENCY, PAPER, COPY, CONCERT, CORRECTED, TRUTHFUL])
    assert list_outdated(data) == [("correction", "Ostraven Herald", "12", "21", "CORRECTED-")]
    assert result.count("outdated", "n_outdated") == 1
    (tie,) = fetch(
        data,
        "SELECT old_article_id = (SELECT article_id FROM articles WHERE source_id = 'rtr-ferry'),"
        " score, reason FROM agency_notices WHERE kind = 'correction'",
    )
    assert tie[0]
    assert tie[1] >= 0.9
    assert "the same headline" in tie[2]
    (span,) = fetch(
        data,
        'SELECT substring(a.text, o.begin + 1, o."end" - o.begin) FROM outdated_copies o'
        " JOIN articles a USING (article_id)",
    )
    assert span[0].startswith("A ferry carrying commuters")
    assert "12 people" in span[0]


@pytest.mark.thorough
def test_an_outlet_that_brings_the_corrected_text_leaves_the_list(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, COPY, CORRECTED])
    assert [row[1] for row in list_outdated(data)] == ["Ostraven Herald"]
    run(data, [change(COPY, "12 people", "21 people", published_at=at(150))])
    assert list_outdated(data) == []


def test_a_text_that_the_agency_changed_under_its_own_address_is_held_against_copies(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    later = change(AGENCY, "12 people", "21 people", published_at=at(60))
    run(data, [AGENCY, COPY, PAPER])
    run(data, [later])
    assert list_outdated(data) == [("update", "Ostraven Herald", "12", "21", "")]
    run(data, [change(later, "214 passengers", "241 passengers", published_at=at(90))])
    assert list_outdated(data) == [
        ("update", "Ostraven Gazette", "214", "241", ""),
        ("update", "Ostraven Herald", "12", "21", ""),
    ]


def test_after_a_kill_every_outlet_with_a_passage_of_the_text_is_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, PAPER, COPY, CONCERT, KILL])
    assert {row[:4] for row in list_outdated(data)} == {
        ("kill", "Ostraven Gazette", "", ""),
        ("kill", "Ostraven Herald", "", ""),
    }
    assert fetch(data, "SELECT DISTINCT reason FROM outdated_copies") == [
        ("the same headline; the notice names its headline",)
    ]


@pytest.mark.thorough
def test_what_kills_a_corrected_text_kills_the_one_before_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shorter = {
        **CORRECTED,
        "text": "\n\n".join([AGENCY_TEXT[0].replace("12 people", "21 people"), AGENCY_TEXT[1]]),
    }
    rescue = make_row("t-ferry", "Town Crier", "All are safe", [PAPER_LEDE, AGENCY_TEXT[2]], 45)
    run(data, [AGENCY, rescue, CONCERT])
    run(data, [shorter])
    assert {row[:2] for row in list_outdated(data)} == {("correction", "Town Crier")}
    run(data, [KILL])
    assert {row[:2] for row in list_outdated(data)} == {
        ("correction", "Town Crier"),
        ("kill", "Town Crier"),
    }


@pytest.mark.thorough
def test_a_page_whose_text_was_withdrawn_counts_as_withdrawn(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, [AGENCY, COPY])
    text = "STORY WITHDRAWN\n\nThis story has been withdrawn because its source was not confirmed."
    run(data, [{**AGENCY, "text": text, "published_at": at(300)}])
    assert {row[:2] for row in list_outdated(data)} == {("withdrawal", "Ostraven Herald")}


def test_a_note_that_states_the_wrong_words_is_enough(tmp_path: Path) -> None:
    data = tmp_path / "data"
    note = make_row(
        "rtr-note",
        "Reuters",
        "CORRECTION: Ferry runs aground off Ostraven",
        ["OSTRAVEN, May 6 (Reuters) - In a story headlined “Ferry runs aground off Ostraven”, the "
         "number of people taken to hospital should read 21, not 12."],
        200,
    )  # fmt: skip
    run(data, [AGENCY, PAPER, COPY, note])
    assert [row[:4] for row in list_outdated(data)] == [
        ("correction", "Ostraven Herald", "12", "21")
    ]


@pytest.mark.thorough
def test_an_update_that_only_adds_makes_no_copy_outdated(tmp_path: Path) -> None:
    data = tmp_path / "data"
    longer = {
        **AGENCY,
        "id": "rtr-ferry-3",
        "url": "https://reuters.example/news/rtr-ferry-3",
        "title": "UPDATE 1-Ferry runs aground off Ostraven",
        "published_at": at(70),
        "text": AGENCY["text"] + "\n\nThe company said that the ferry would be towed to a dry dock"
        " on Wednesday, where its rudder would be looked at.",
    }
    run(data, [AGENCY, PAPER, COPY, longer])
    assert fetch(data, "SELECT kind, old_article_id IS NOT NULL FROM agency_notices") == [
        ("update", True)
    ]
    assert list_outdated(data) == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "parts",
    [
        [[CORRECTED], [COPY], [AGENCY, CONCERT], [PAPER]],
        [[KILL], [PAPER, COPY], [CORRECTED], [AGENCY]],
        [[COPY, AGENCY], [KILL, CORRECTED]],
    ],
)
def test_the_order_in_which_notice_copy_and_original_arrive_makes_no_difference(
    parts: list[list[dict[str, Any]]], tmp_path: Path
) -> None:
    for part in parts:
        run(tmp_path / "parts", part)
    whole = [one for part in parts for one in part]
    run(tmp_path / "whole", whole)
    assert list_outdated(tmp_path / "parts") == list_outdated(tmp_path / "whole")
    assert list_outdated(tmp_path / "whole")
    ties = "SELECT article_id, old_article_id, score, reason FROM agency_notices ORDER BY ALL"
    assert fetch(tmp_path / "parts", ties) == fetch(tmp_path / "whole", ties)


@pytest.mark.thorough
def test_running_twice_changes_nothing_of_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [AGENCY, PAPER, COPY, CORRECTED, KILL]
    run(data, rows)
    state, digest = read_state(data), read_digest(data)
    assert not run(data, rows).changed_something
    assert (read_state(data), read_digest(data)) == (state, digest)


@pytest.mark.thorough
def test_a_paper_that_changes_its_own_text_makes_nobody_outdated(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rival = make_row("s-ferry", "Lenna Sun", "Families wait at the quay", [PAPER_LEDE], 80)
    run(data, [PAPER, rival])
    run(data, [change(PAPER, "by noon", "by midnight", published_at=at(200))])
    assert list_outdated(data) == []
