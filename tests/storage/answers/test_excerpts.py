"""Paragraphs that stand under the name of the outlet that they are from are an excerpt of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.flows.driving import hashing_settings, run_plainly, write_lines
from wirethread.storage.answers.copies import CopyPair, list_copies
from wirethread.storage.catalog import Catalog

STORIES = {
    "bridge": (
        "Torvik Today",
        "https://www.torvik.example/bridge",
        "The town council of Torvik paid 340,000 crowns for a bridge that was never built, according"
        " to bills from 2019 to 2023 that carry the signature of the former head of works.",
    ),
    "clocks": (
        "The Beacon",
        "https://beacon.example/clocks",
        "Mira Holt has mended clocks in the arcade since she was nineteen, and she keeps in a drawer"
        " the eleven watches whose owners died before they could fetch them.",
    ),
    "ferry": (
        "Torvik Today",
        "https://www.torvik.example/ferry",
        "The ferry to Sandholm sailed for three winters with lifeboats that could not be lowered,"
        " letters of two mates show, while its owner told the inspectors that all were sound.",
    ),
    "wells": (
        "People",
        "https://people.example/wells",
        "Eleven wells in the Orren valley hold more nitrate than a child may drink, samples taken by"
        " a retired chemist show, and the district has known of it since the spring of 2021.",
    ),
    "mill": (
        "Torvik Today",
        "https://www.torvik.example/mill",
        "The saw mill at Brenn sold the same stack of oak beams to four church councils, and each of"
        " them has a receipt on which the miller's daughter signed for the delivery.",
    ),
    "school": (
        "Torvik Today",
        "https://www.torvik.example/school",
        "Pupils of the harbour school learnt for a year from maps on which their own street was"
        " missing, because the printer had folded the sheet where the seven houses stand.",
    ),
}
LONG_AGO = (
    "Torvik Today was founded by a printer and two teachers. "
    + "It has rained on the harbour for nine days, and nobody there speaks of anything else. " * 8
)
REUSES = {
    "bridge": ["Torvik Today has looked through the bills:", "{copied}", "We asked the council for drawings."],
    "clocks": ["{copied}", "So the arcade keeps its oldest shop, the Beacon reported on Friday."],
    "ferry": ["{copied}", "All of it is at torvik.example/ferry, with the letters."],
    "wells": ["People in the valley have asked for a second well for years.", "{copied}"],
    "mill": ["Four parishes, one stack of beams, and a receipt for each.", "{copied}"],
    "school": [LONG_AGO, "{copied}", "The maps are to be printed anew."],
}  # fmt: skip


def write(key: str, outlet: str, url: str, hour: int, text: str) -> Mapping[str, str]:
    return {
        "id": key,
        "outlet": outlet,
        "url": url,
        "title": f"{key.title()} of {outlet}",
        "text": text,
        "published_at": f"2024-06-07T{hour:02}:00:00Z",
    }


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, CopyPair]]:
    """The copy that Fjord News ran, by story."""
    folder: Path = tmp_path_factory.mktemp("fjord")
    articles = [
        write(key, outlet, url, 6, f"{text}\n\nNothing more is known of the {key} yet.")
        for key, (outlet, url, text) in STORIES.items()
    ]
    articles += [
        write(
            f"{key}-again",
            "Fjord News",
            f"https://fjord.example/{key}",
            12,
            "\n\n".join(parts).format(copied=STORIES[key][2]),
        )
        for key, parts in REUSES.items()
    ]
    run_plainly([write_lines(folder / "a.jsonl", articles)], hashing_settings(folder / "data"))
    with Catalog.open_published(folder / "data") as catalog:
        rows = catalog.execute_read_only("SELECT article_id, source_id FROM articles").to_pylist()
        names = {row["article_id"]: row["source_id"] for row in rows}
        yield {names[pair.from_article_id]: pair for pair in list_copies(catalog)}


@pytest.mark.parametrize("story", ["bridge", "clocks", "ferry"])
def test_copy_beside_the_name_or_the_address_of_its_outlet_is_an_excerpt_with_credit(
    pairs: dict[str, CopyPair], story: str
) -> None:
    assert (pairs[story].is_excerpt, pairs[story].is_credited) == (True, True)
    assert pairs[story].from_outlet == STORIES[story][0]
    assert pairs[story].relation in ("verbatim", "edited")


@pytest.mark.parametrize(
    "story",
    [
        "wells",  # the outlet's name is a word of the language, and no report of it is spoken of
        "mill",  # nobody is named
        "school",  # the name stands in another part of the article
    ],
)
def test_copy_that_nobody_is_named_beside_is_no_excerpt(
    pairs: dict[str, CopyPair], story: str
) -> None:
    assert (pairs[story].is_excerpt, pairs[story].is_credited) == (False, False)
