"""Copies of some articles, worked out from what lies around them, against the whole view."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.near_copies import fetch_copies_of

WIRE = [
    "Firefighters brought a blaze in a paper warehouse on the edge of Torvik under control early on"
    " Friday after eleven hours, and no one was hurt, the fire brigade said.",
    "The owner put the loss at nine million crowns and said that production would move to a second"
    " plant while engineers looked at the roof, which had partly fallen in.",
]
N_OUTLETS = 60
"""More than are compared with one another: most stand beside an anchor only."""


@pytest.fixture(scope="module")
def widespread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("widespread")
    articles = [
        {
            "id": f"w{number}",
            "outlet": f"Outlet {number}",
            "title": f"Torvik warehouse burns, report {number}",
            "text": "\n\n".join(WIRE if number % 3 else WIRE[:1]),
            "published_at": f"2024-06-07T{5 + number // 10:02}:{number % 10:02}:00Z",
        }
        for number in range(N_OUTLETS)
    ]
    run_plainly([write_lines(folder / "a.jsonl", articles)], hashing_settings(folder / "data"))
    with Catalog.open_published(folder / "data") as opened:
        yield opened


def list_rows(catalog: Catalog, article_ids: Sequence[str], *, near: bool) -> list[str]:
    if near:
        rows = fetch_copies_of(catalog._database, article_ids).to_pylist()
    else:
        asked = {"ids": list(article_ids)}
        rows = catalog.execute_read_only(
            "SELECT * FROM copies WHERE list_contains($ids, from_article_id)"
            " OR list_contains($ids, to_article_id)",
            asked,
        ).to_pylist()
    return sorted(str(row) for row in rows)


def choose_articles(catalog: Catalog, number: int, seed: int) -> list[str]:
    rows = catalog.execute_read_only("SELECT article_id FROM articles ORDER BY 1").to_pylist()
    return Random(seed).sample([row["article_id"] for row in rows], number)


@pytest.mark.parametrize(("number", "seed"), [(1, 1), (1, 2), (3, 3), (12, 4), (65, 5)])
def test_copies_of_some_articles_are_those_of_the_view(
    published: Path, number: int, seed: int
) -> None:
    with Catalog.open_published(published) as catalog:
        chosen = choose_articles(catalog, number, seed)
        assert list_rows(catalog, chosen, near=True) == list_rows(catalog, chosen, near=False)
        if number == 65:
            assert list_rows(catalog, chosen, near=True)


@pytest.mark.parametrize("seed", range(6))
def test_copy_that_ran_in_very_many_places_is_told_as_the_view_tells_it(
    widespread: Catalog, seed: int
) -> None:
    anchored = widespread.execute_read_only(
        "SELECT count(*) AS n FROM passage_verdicts WHERE anchor_id IS NOT NULL"
    ).to_pylist()
    assert anchored[0]["n"] > 0
    chosen = choose_articles(widespread, 1 + seed % 3, seed)
    expected = list_rows(widespread, chosen, near=False)
    assert len(expected) > 0
    assert list_rows(widespread, chosen, near=True) == expected


def test_an_article_that_nobody_copied_has_no_rows(published: Path) -> None:
    with Catalog.open_published(published) as catalog:
        assert fetch_copies_of(catalog._database, ["nosuch"]).num_rows == 0
