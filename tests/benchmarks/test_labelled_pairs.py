from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
import pytest

from benchmarks.clustering.matching.labelled_pairs import collect_pairs
from benchmarks.clustering.matching.shorter import shorten_side
from tests.clustering.writing import GARDEN, HARBOUR, write_article

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
DONOR = write_article("wire", HARBOUR, outlet="Reuters", agency="Reuters", published_at=NOON)
HOST = write_article(
    "paper",
    [GARDEN[0], HARBOUR[1], GARDEN[1]],
    credited=["Reuters"],
    published_at=NOON + timedelta(hours=3),
)
COPIED, TAKEN = HOST.paragraphs[1], DONOR.paragraphs[1]
LABEL = {
    "host_id": "paper",
    "source_id": "wire",
    "host_begin": COPIED.begin,
    "host_end": COPIED.end,
    "source_begin": TAKEN.begin,
    "source_end": TAKEN.end,
    "level": "verbatim",
}


def test_labels_name_the_donor_by_keys_that_begin_with_source() -> None:
    pairs = collect_pairs([HOST, DONOR], [LABEL], None, None)
    (place,) = np.flatnonzero(pairs.is_copy)
    assert pairs.article_pairs[place].tolist() == [0, 1]
    assert pairs.paragraph_pairs[place].tolist() == [1, 4]
    assert pairs.levels[place] == "verbatim"


@pytest.mark.parametrize("side", ["host", "donor"])
def test_labels_of_shortened_articles_keep_their_keys(side: Literal["host", "donor"]) -> None:
    articles, (label,) = shorten_side([HOST, DONOR], [LABEL], side)
    assert label.keys() == LABEL.keys()
    assert {label["host_id"], label["source_id"]} == {one.article_id for one in articles}
    pairs = collect_pairs(articles, [label], None, None)
    assert pairs.levels[pairs.is_copy].tolist() == ["verbatim"]
