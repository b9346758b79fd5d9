from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.making import LEDE, NOON, RUN, make_article, make_match
from wirethread.articles.types.articles import ArticleId, PassageId, Relation
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.storage.answers.article import get_article
from wirethread.storage.answers.page.facts import prepare_pages
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot

PAPERS = [ArticleId(one) for one in ("a1", "b2", "c3", "d4")]
ALONE = ArticleId("e5")


@pytest.fixture
def widespread(catalog: Catalog) -> Iterator[Catalog]:
    """One text in four outlets, the last undated, all compared with the first; and another text."""
    catalog.articles.add_articles(
        RUN,
        [make_article(one, (LEDE,), outlet=f"Paper {one}") for one in PAPERS[:3]]
        + [make_article(PAPERS[3], (LEDE,), outlet="Paper d4", published_at=None)]
        + [make_article(ALONE, ("Nobody else has these words of a harbour pilot.",))],
    )
    verdicts = [
        replace(make_match("a1", other), relation=relation, anchor_id=ArticleId("a1"))
        for other, relation in zip(
            PAPERS[1:], (Relation.VERBATIM, Relation.EDITED, Relation.VERBATIM), strict=True
        )
    ]
    catalog.copy.replace_verdicts(RUN, verdicts, PAPERS)
    places = [PassagePlace(article_id=one, begin=0, end=len(LEDE), position=0) for one in PAPERS]
    passage = Passage(
        passage_id=PassageId("p1"),
        places=places,
        origin_article_id=PAPERS[0],
        agency=None,
        confidence=0.5,
        evidence=None,
        evidence_article_id=None,
        reason="first",
    )
    catalog.copy.replace_passages(RUN, [passage], [], article_ids=PAPERS)
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        yield snapshot


def list_ids(catalog: Catalog) -> list[ArticleId]:
    rows = catalog._database.fetch_rows("SELECT article_id FROM store.articles ORDER BY 1")
    return [ArticleId(row[0]) for row in rows]


def list_told(catalog: Catalog, article_id: str) -> list[tuple[object, ...]]:
    """Return what the view says of where else the words of an article stand."""
    return sorted(
        catalog._database.fetch_rows(
            "SELECT left_begin, left_end, right_article_id, right_begin, right_end, relation"
            " FROM passage_matches WHERE left_article_id = $1 UNION ALL"
            " SELECT right_begin, right_end, left_article_id, left_begin, left_end, relation"
            " FROM passage_matches WHERE right_article_id = $1",
            [article_id],
        )
    )


def check_places(catalog: Catalog) -> int:
    """Compare the places of every article with those of the view; return how many there are."""
    n_places = 0
    for article_id in list_ids(catalog):
        detail = get_article(catalog, article_id)
        texts = {
            one: get_article(catalog, one).parsed.article.text
            for one in {m.article_id for p in detail.paragraphs for m in p.matches}
        }
        found = {match for paragraph in detail.paragraphs for match in paragraph.matches}
        assert sorted(
            (one.begin, one.end, one.article_id, one.other_begin, one.other_end, one.relation.value)
            for one in found
        ) == list_told(catalog, article_id)
        for match in found:
            words = texts[match.article_id][match.other_begin : match.other_end]
            assert match.other_text == words
        n_places += len(found)
    return n_places


def test_an_article_has_the_places_that_the_view_tells(published: Path) -> None:
    with Catalog.open_published(published) as catalog:
        assert check_places(catalog) > 100


def test_places_of_copy_that_was_compared_with_one_article_are_those_of_the_view(
    widespread: Catalog,
) -> None:
    assert check_places(widespread) == 4 * 3
    (paragraph,) = get_article(widespread, "d4").paragraphs
    assert [match.article_id for match in paragraph.matches] == ["a1", "b2", "c3"]
    (paragraph,) = get_article(widespread, "a1").paragraphs
    assert [match.published_at for match in paragraph.matches] == [NOON, NOON, None]


def test_an_article_is_the_same_however_its_rows_are_found(published: Path) -> None:
    with Catalog.open_published(published) as plain, Catalog.open_published(published) as prepared:
        prepare_pages(prepared)
        ids = list_ids(plain)
        first = {one: get_article(plain, one) for one in ids[:2]}
        again = {one: get_article(plain, one) for one in ids}
        assert len(again) > 50
        assert again | first == again
        for article_id, detail in again.items():
            assert get_article(prepared, article_id) == detail


def test_an_article_is_the_same_in_the_catalog_and_in_its_snapshot(widespread: Catalog) -> None:
    with Catalog.open(widespread.folder) as writing:
        for article_id in list_ids(widespread):
            assert get_article(writing, article_id) == get_article(widespread, article_id)
    alone = get_article(widespread, ALONE)
    assert alone.duplicates == []
    assert alone.cluster is None
    assert [(one.version, one.is_current, one.changed) for one in alone.versions] == [
        (1, True, None)
    ]
