"""Who stands for articles that are one text, by the policy that is set, and what is told of each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flows.driving import fetch, hashing_settings, run_plainly, write_lines
from wirethread.clustering.passages.duplicates import DuplicateSettings

BODY = (
    "The harbour of Selm was shut on Tuesday after a barge laden with gravel sank in the only"
    " channel that is deep enough for ferries, the port authority said. Divers found the hull in"
    " nine metres of water and marked it with buoys, and a crane ship was due from the north on"
    " Thursday. Some four hundred passengers were taken to the island by fishing boats, the mayor"
    " said, and the school on the far side of the sound stayed closed for the day."
)
LONGER = f"{BODY} Shops on the island said that bread would last until the weekend at most."


def write(key: str, outlet: str, time: str, text: str, **more: Any) -> Mapping[str, Any]:
    return {
        "id": key,
        "outlet": outlet,
        "title": f"Barge shuts harbour of Selm: {key}",
        "text": text,
        "published_at": f"2024-05-07T{time}:00Z",
        **more,
    }


ARTICLES = [
    write("wire", "Reuters", "09:30", f"SELM, May 7 (Reuters) - {BODY}"),
    write("early", "Sound Courier", "08:10", BODY),
    write("long", "Island Post", "11:00", LONGER),
    write("late", "Bay Herald", "12:00", BODY),
]


def choose(folder: Path, **settings: Any) -> tuple[str, str]:
    """Return who stands for the articles, and why."""
    sources = [write_lines(folder / "articles.jsonl", ARTICLES)]
    duplicates = DuplicateSettings(**settings)
    run_plainly(sources, hashing_settings(folder / "data", duplicates=duplicates))
    rows = fetch(
        folder / "data",
        "SELECT DISTINCT source_id, chosen_by FROM duplicates"
        " JOIN articles a ON a.article_id = representative_id",
    )
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ({"representative": "earliest"}, ("early", "the earliest")),
        ({"representative": "longest"}, ("long", "the longest")),
        ({"representative": "agency"}, ("wire", "Reuters' own article")),
        (
            {"representative": "outlets", "outlets": ("Nobody", "BAY HERALD", "Reuters")},
            ("late", "Bay Herald is preferred in the settings"),
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_policy_that_is_set_chooses_who_stands_for_the_others(
    settings: Mapping[str, Any], chosen: tuple[str, str], tmp_path: Path
) -> None:
    assert choose(tmp_path, **settings) == chosen


def test_another_policy_holds_from_the_next_run_on(tmp_path: Path) -> None:
    assert choose(tmp_path, representative="earliest")[0] == "early"
    assert choose(tmp_path, representative="longest")[0] == "long"


def test_every_duplicate_is_told_with_how_much_it_has_in_common(tmp_path: Path) -> None:
    choose(tmp_path, representative="earliest")
    rows = fetch(
        tmp_path / "data",
        "SELECT source_id, score, d.reason, representative_outlet FROM duplicates d"
        " JOIN articles USING (article_id) ORDER BY source_id",
    )
    told = {key: (score, reason) for key, score, reason, _ in rows}
    assert {outlet for *_, outlet in rows} == {"Sound Courier"}
    assert told["late"] == (1.0, "the same words")
    runs, more = 78, 15
    assert told["long"][0] == pytest.approx(runs / (runs + more), abs=0.02)
    assert told["long"][1].endswith("of all runs of 5 words stand in both")
    assert sorted(told) == ["late", "long", "wire"]


def test_outlets_and_their_policy_are_set_together() -> None:
    with pytest.raises(ValueError, match="outlets are named with `representative: outlets`"):
        DuplicateSettings(outlets=("Reuters",))
    with pytest.raises(ValueError, match="'outlets' and 0 are named"):
        DuplicateSettings(representative="outlets")
