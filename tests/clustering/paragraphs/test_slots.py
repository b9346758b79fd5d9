from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.clustering.writing import write_article
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.paragraphs.alignment import align_words
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.slots import count_changed_slots
from wirethread.clustering.paragraphs.table import build_paragraph_table

REPORT = (
    "Velmora police arrested 14 people on Tuesday after a march through the old harbour ended in "
    "clashes, and Commissioner Ida Wrenfeld said the damage would cost the town $2.4 billion."
)


def count_slots(left: str, right: str) -> int:
    articles = [write_article("a", [left]), write_article("b", [right])]
    table = build_paragraph_table(articles, None, min_words=4)
    cache = ProfileCache(table)
    one, other = cache.paragraph(0), cache.paragraph(1)
    alignment = align_words(one.coded, other.coded)
    return count_changed_slots(alignment, one.facts, other.facts, one.stems, other.stems)


@pytest.mark.parametrize(
    ("changes", "n_changed"),
    [
        ([], 0),
        ([("14", "31")], 1),
        ([("Velmora", "Tarnwick"), ("14", "31")], 2),
        ([("Ida Wrenfeld", "Otto Kestrelby"), ("2.4", "7.9")], 2),
        ([("Tuesday", "Friday")], 0),
        ([("Tuesday", "Friday"), ("14", "31")], 2),
    ],
)
def test_other_figures_and_names_in_one_frame_are_changed_slots(
    changes: Sequence[tuple[str, str]], n_changed: int
) -> None:
    other = REPORT
    for before, after in changes:
        other = other.replace(before, after)
    assert count_slots(REPORT, other) == n_changed
    assert count_slots(other, REPORT) == n_changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$2.4 billion", "$2.4bn"),
        ("14 people", "fourteen people"),
        ("Commissioner Ida", "Comm. Ida"),
        ("Velmora", "Velmoira"),
        ("on Tuesday after a march", "after a march on Tuesday"),
        ("the town", "Mr Mayor's town"),
    ],
)
def test_house_style_changes_no_slot(before: str, after: str) -> None:
    assert count_slots(REPORT, REPORT.replace(before, after)) == 0


def test_a_form_filled_in_with_other_facts_is_no_copy() -> None:
    other = REPORT.replace("Velmora", "Tarnwick").replace("14", "31").replace("2.4", "7.9")
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    wire = write_article("a", [REPORT], outlet="Reuters", agency="Reuters", published_at=noon)
    copy = write_article("b", [REPORT], outlet="Herald", published_at=noon.replace(hour=15))
    form = write_article("c", [other], outlet="Courier", published_at=noon.replace(hour=15))
    found = match_passages([wire, copy, form], None, np.ones(3, dtype=bool), MatchSettings())
    assert [(one.left_article_id, one.right_article_id) for one in found if one.is_match] == [
        ("a", "b")
    ]
