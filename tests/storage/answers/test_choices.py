"""What is shown of several rows that answer alike follows from the rows, not from their order."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.storage.making import RUN, make_article, make_match
from wirethread.articles.types.articles import (
    ArticleId,
    CreditRole,
    PassageId,
    PassageMatch,
    Relation,
    WireCredit,
)
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.near_copies import fetch_copies_of

N_PAIRS = 100
TEXTS = (
    "The harbour of Port Ellery stayed closed after the crane fell.",
    "The ferries to the northern islands will leave from Saltmarsh instead.",
)
"""Two paragraphs of eleven words."""
FIRST, SECOND = (0, len(TEXTS[0])), (len(TEXTS[0]) + 1, sum(map(len, TEXTS)) + 1)
PASSAGES = {
    "c": FIRST,
    "a": FIRST,
    "b": FIRST,
    "0": (FIRST[0] + 10, FIRST[1]),
    "z": SECOND,
    "1": SECOND,
}
"""By the end of their ids: the spans of passages that a pair shares. `a` holds the whole of the
first paragraph and has the smallest id of those that do."""
CREDITS = [
    (CreditRole.CONTRIBUTOR, "Additional reporting by AP", 3),
    (CreditRole.SYNDICATED, "Courtesy of AP", 40),
    (CreditRole.SOURCE, "PORT ELLERY (AP)", 9),
    (CreditRole.SOURCE, "(AP)", 60),
]


def make_passages(number: int) -> list[Passage]:
    """Return passages of the words that articles `l…` and `r…` share."""
    return [
        Passage(
            passage_id=PassageId(f"p{number:03}{key}"),
            places=[
                PassagePlace(
                    article_id=ArticleId(f"{side}{number:03}"),
                    begin=begin,
                    end=end,
                    position=0,
                    relation=Relation.VERBATIM,
                )
                for side in "lr"
            ],
            origin_article_id=None,
            agency=f"Agency {key}",
            confidence=0.8,
            evidence=f"({key})",
            evidence_article_id=None,
            reason="",
        )
        for key, (begin, end) in PASSAGES.items()
    ]


def make_matches(number: int) -> list[PassageMatch]:
    """Return verdicts on both paragraphs, the second of them edited."""
    plain = make_match(f"l{number:03}", f"r{number:03}")
    return [
        replace(
            plain, left_begin=begin, left_end=end, right_begin=begin, right_end=end, relation=how
        )
        for (begin, end), how in ((FIRST, Relation.VERBATIM), (SECOND, Relation.EDITED))
    ]


def make_credits(article_id: ArticleId) -> list[WireCredit]:
    return [
        WireCredit(
            article_id=article_id,
            agency="AP",
            role=role,
            rule="byline",
            evidence=words,
            begin=begin,
            end=begin + len(words),
        )
        for role, words, begin in CREDITS
    ]


@pytest.fixture(scope="module", params=[(1, 1), (2, 4), (3, 4)], ids=str)
def shuffled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalog]:
    """An archive whose rows lie in an order of their own, read by so many threads."""
    seed, threads = request.param
    draw = Random(seed)
    articles, passages, matches = [], [], []
    for number in draw.sample(range(N_PAIRS), N_PAIRS):
        for side in "lr":
            one = make_article(f"{side}{number:03}", TEXTS, outlet=f"{side}.example")
            credits_given = make_credits(one.article.article_id)
            draw.shuffle(credits_given)
            articles.append(replace(one, credits=credits_given))
        passages += make_passages(number)
        matches += make_matches(number)
    draw.shuffle(passages)
    draw.shuffle(matches)
    asked = [one.article.article_id for one in articles]
    with Catalog.open(tmp_path_factory.mktemp("shuffled")) as catalog:
        catalog.runs.begin_run(RUN, ["news.jsonl"], "{}")
        catalog.articles.add_articles(RUN, articles)
        catalog.copy.replace_verdicts(RUN, matches, asked)
        catalog.copy.replace_passages(RUN, passages, [], article_ids=asked)
        catalog._database.execute(f"SET threads = {threads}")
        yield catalog


def read_rows(catalog: Catalog, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = catalog._database.fetch_table(query).to_pylist()
    return rows


def test_of_passages_with_the_same_words_the_widest_then_the_first_id_is_named(
    shuffled: Catalog,
) -> None:
    rows = read_rows(shuffled, "FROM copies ORDER BY from_article_id")
    assert [
        (row["from_article_id"], row["passage_id"], row["agency"], row["relation"]) for row in rows
    ] == [(f"l{number:03}", f"p{number:03}a", "Agency a", "verbatim") for number in range(N_PAIRS)]


def test_the_copies_of_some_articles_name_the_same_passages(shuffled: Catalog) -> None:
    asked = [f"r{number:03}" for number in range(0, N_PAIRS, 3)]
    rows = fetch_copies_of(shuffled._database, asked).to_pylist()
    assert sorted(row["passage_id"] for row in rows) == [f"p{one[1:]}a" for one in asked]


def test_of_several_credits_the_first_that_gives_the_text_is_shown(shuffled: Catalog) -> None:
    rows = read_rows(shuffled, "SELECT role, evidence FROM article_agencies WHERE agency = 'AP'")
    assert len(rows) == 2 * N_PAIRS
    assert {(row["role"], row["evidence"]) for row in rows} == {("source", "PORT ELLERY (AP)")}
