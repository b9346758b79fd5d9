"""`wirethread outdated` and what `wirethread article` says of versions, as a user sees them."""

from pathlib import Path

import pytest

from tests.flows.intake.test_versions import AGENCY, CONCERT, PAPER, PAPER_LATER, run
from tests.flows.steps.test_outdated import COPY, CORRECTED, KILL, TRUTHFUL
from tests.wirethread.calling import call


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("ferry") / "data"
    run(data, [AGENCY, PAPER, COPY, CONCERT, TRUTHFUL, CORRECTED, KILL, PAPER_LATER])
    return data


@pytest.mark.thorough
def test_kills_stand_before_corrections_with_the_words_that_differ(ferry: Path) -> None:
    out = call("outdated", "--data", ferry).out
    assert out.startswith("KILL Reuters: BULLETIN KILL: Ferry runs aground off Ostraven\n")
    assert out.index("KILL Reuters") < out.index("CORRECTION Reuters")
    assert "“12” is now “21”, in: “A ferry carrying commuters" in " ".join(out.split())
    assert "3 articles of 3 outlets." in out


def test_programs_get_every_row_with_its_evidence(ferry: Path) -> None:
    rows = call("outdated", "--data", ferry, "--kind", "correction", "--json").json()
    (row,) = rows
    assert (row["outlet"], row["old_words"], row["new_words"]) == ("Ostraven Herald", "12", "21")
    assert row["published_at"] == "2025-05-06T12:20:00+00:00"
    assert row["passage"].startswith("A ferry carrying commuters")
    assert row["old_passage"] == row["passage"]
    assert row["notice_words"] == "CORRECTED-"
    assert "the same headline" in row["reason"]


def test_a_day_of_which_no_time_is_known_is_shown_as_a_day(tmp_path: Path) -> None:
    data = tmp_path / "data"
    copy = {**COPY, "published_at": "2025-05-06"}
    run(data, [AGENCY, copy, TRUTHFUL, CORRECTED, KILL])
    (row,) = call("outdated", "--data", data, "--kind", "correction", "--json").json()
    precisions = [row[f"{side}published_precision"] for side in ("", "old_", "new_")]
    assert precisions == ["day", "second", "second"]
    told = " ".join(call("outdated", "--data", data).out.split())
    assert f"{COPY['outlet']}, 2025-05-06: " in told
    assert "00:00" not in told
    key = call(
        "sql",
        f"SELECT article_id FROM articles WHERE outlet = '{COPY['outlet']}'",
        "--data",
        data,
        "--json",
    ).json()[0]["article_id"]
    assert "00:00" not in call("article", key, "--data", data).out


@pytest.mark.parametrize(
    ("options", "outlets"),
    [
        (["--agency", "reuters"], {"Lenna Sun", "Ostraven Gazette", "Ostraven Herald"}),
        (["--agency", "The Associated Press"], set()),
        (["--kind", "correction"], {"Ostraven Herald"}),
        (["--outlet", "lenna sun"], {"Lenna Sun"}),
        (["--since", "2025-05-06T14:30"], {"Lenna Sun", "Ostraven Gazette", "Ostraven Herald"}),
        (["--since", "2025-05-07"], set()),
        (["--limit", "1"], {"Lenna Sun"}),
    ],
)
def test_the_list_can_be_narrowed(ferry: Path, options: list[str], outlets: set[str]) -> None:
    rows = call("outdated", "--data", ferry, "--json", *options).json()
    assert {one["outlet"] for one in rows} == outlets


def test_mistakes_are_told_in_a_line(ferry: Path, tmp_path: Path) -> None:
    assert call("outdated", "--data", ferry, "--since", "soon").code == 2
    assert call("outdated", "--data", ferry, "--kind", "rumour").code == 2
    nowhere = call("outdated", "--data", tmp_path / "nowhere")
    assert nowhere.code == 3
    assert "nothing has been published" in nowhere.err
    empty = call("outdated", "--data", ferry, "--since", "2025-05-07").out
    assert empty == "No outlet is known to run words that an agency changed or withdrew.\n"


def test_an_article_lists_its_versions_and_the_old_one_can_be_read(ferry: Path) -> None:
    shown = call("article", PAPER["url"], "--data", ferry, "--json").json()
    old, new = shown["versions"]
    assert (old["version"], old["is_current"], old["changed"]) == (1, False, None)
    assert (new["version"], new["is_current"], new["changed"]) == (
        2,
        True,
        "“Tilde” became “Tilda”",
    )
    assert shown["parsed"]["article"]["article_id"] == new["article_id"]
    out = call("article", old["article_id"], "--data", ferry).out
    assert "version 1, 2025-05-06 12:30 (shown here):" in out
    assert "(told of the current version)" in out
    assert "own words" not in out
