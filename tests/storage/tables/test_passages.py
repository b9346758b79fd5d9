import math
from dataclasses import replace

from tests.storage.making import LEDE, RUN, make_article, make_match
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Derivation,
    DuplicateCluster,
    ParagraphId,
    ParagraphState,
    PassageId,
    Relation,
)
from wirethread.articles.types.copy import ArticleDerivation, ParagraphOrigin, Passage, PassagePlace
from wirethread.storage.catalog import Catalog

P1 = PassageId("p1")


def passage(
    origin: str | None, *articles: str, agency: str | None = "AP", key: str = "p1"
) -> Passage:
    return Passage(
        passage_id=PassageId(key),
        places=[
            PassagePlace(
                article_id=ArticleId(article),
                begin=0,
                end=len(LEDE),
                position=0,
                relation=Relation.VERBATIM if article != origin else None,
            )
            for article in articles
        ],
        origin_article_id=ArticleId(origin) if origin else None,
        agency=agency,
        confidence=0.8,
        evidence="(AP)",
        evidence_article_id=ArticleId("a1"),
        reason="dateline of a1",
    )


DERIVATIONS = [
    ArticleDerivation(
        article_id=ArticleId("a1"),
        derivation=Derivation.WHOLLY,
        wire_share=1.0,
        share_by_agency={"AP": 1.0},
        copied_share=0.0,
        shared_share=1.0,
        paragraphs=[
            ParagraphOrigin(
                paragraph_id=ParagraphId("a1.0"),
                position=0,
                state=ParagraphState.COPIED,
                passage_id=P1,
                agency="AP",
                copied_share=1.0,
            )
        ],
        reason="all",
    )
]


def write_passages(catalog: Catalog, row: Passage) -> int:
    articles = [one.article_id for one in row.places]
    return catalog.copy.replace_passages(RUN, [row], DERIVATIONS, article_ids=articles)


def test_verdicts_come_back_and_are_written_once(catalog: Catalog) -> None:
    unmeasured = replace(make_match("a1", "c3"), similarity=math.nan)
    verdicts = [make_match("a1", "b2"), unmeasured, make_match("b2", "c3", is_match=False)]
    assert catalog.copy.replace_verdicts(RUN, verdicts, ["a1", "b2", "c3"]) == 3
    assert catalog.copy.replace_verdicts("run-2", verdicts, ["a1", "b2", "c3"]) == 0
    found = catalog.copy.load_verdicts(matches_only=False)
    assert [(one.left_article_id, one.right_article_id, one.is_match) for one in found] == [
        ("a1", "b2", True),
        ("a1", "c3", True),
        ("b2", "c3", False),
    ]
    assert found[0] == verdicts[0]
    assert math.isnan(found[1].similarity)
    assert [one.left_article_id for one in catalog.copy.load_verdicts(["c3"])] == ["a1"]


def test_matching_an_article_again_replaces_its_verdicts_only(catalog: Catalog) -> None:
    catalog.copy.replace_verdicts(
        RUN, [make_match("a1", "b2"), make_match("c3", "d4")], ["a1", "c3"]
    )
    catalog.copy.replace_verdicts(RUN, [make_match("a1", "e5")], ["a1"])
    pairs = [(one.left_article_id, one.right_article_id) for one in catalog.copy.load_verdicts()]
    assert pairs == [("a1", "e5"), ("c3", "d4")]


def test_a_moved_threshold_touches_only_the_rows_that_change(catalog: Catalog) -> None:
    kept, moved = make_match("a1", "b2"), make_match("c3", "d4", score=0.5)
    catalog.copy.replace_verdicts(RUN, [kept, moved], ["a1", "c3"])
    changed = replace(moved, is_match=False, reason="below the threshold")
    assert catalog.copy.update_verdicts("run-2", [kept, changed]) == 2  # one row out, one row in
    assert catalog.copy.load_verdicts() == [kept]
    runs = catalog._database.fetch_rows("SELECT run_id FROM passage_verdicts ORDER BY score DESC")
    assert runs == [(RUN,), ("run-2",)]


def test_matches_view_holds_accepted_verdicts_only(catalog: Catalog) -> None:
    verdicts = [make_match("a1", "b2"), make_match("a1", "c3", is_match=False)]
    catalog.copy.replace_verdicts(RUN, verdicts, ["a1"])
    assert catalog._database.fetch_rows("SELECT right_article_id FROM passage_matches") == [("b2",)]
    assert catalog._database.fetch_value("SELECT count(*) FROM passage_verdicts") == 2


def test_sharing_copy_follows_matches_near_and_far(catalog: Catalog) -> None:
    verdicts = [
        make_match("a1", "b2"),
        make_match("b2", "c3"),
        make_match("c3", "d4", is_match=False),
        make_match("c3", "e5", relation=Relation.QUOTATION),
    ]
    catalog.copy.replace_verdicts(RUN, verdicts, ["b2", "c3"])
    assert catalog.copy.find_articles_sharing_copy(["a1"], with_quotations=False) == [
        "a1",
        "b2",
        "c3",
    ]
    assert catalog.copy.find_articles_sharing_copy(["a1"]) == ["a1", "b2", "c3", "e5"]
    assert catalog.copy.find_articles_sharing_copy(["d4"]) == ["d4"]


def test_passages_are_written_once(catalog: Catalog) -> None:
    catalog.articles.add_articles(
        RUN, [make_article("a1"), make_article("b2", outlet="other.example")]
    )
    assert write_passages(catalog, passage("a1", "a1", "b2")) == 6
    assert write_passages(catalog, passage("a1", "a1", "b2")) == 0
    row = catalog._database.fetch_rows("SELECT n_places, n_outlets, n_characters FROM passages")
    assert row == [(2, 2, len(LEDE))]


def test_every_paragraph_names_agency_origin_and_evidence(catalog: Catalog) -> None:
    write_passages(catalog, passage("b2", "a1", "b2"))
    row = catalog._database.fetch_rows(
        "SELECT passage_id, agency, origin_article_id, relation, evidence FROM paragraph_sources"
    )
    assert row == [("p1", "AP", "b2", "verbatim", "(AP)")]


def test_history_tells_that_the_origin_moved(catalog: Catalog) -> None:
    write_passages(catalog, passage("b2", "a1", "b2", agency=None))
    write_passages(catalog, passage("c3", "a1", "b2", "c3"))
    assert catalog._database.fetch_rows(
        "SELECT old_origin_id, new_origin_id, old_agency, new_agency FROM passage_events"
    ) == [("b2", "c3", None, "AP")]


def test_history_follows_the_places_when_a_passage_gets_another_id(catalog: Catalog) -> None:
    write_passages(catalog, passage("b2", "a1", "b2"))
    other = passage("a1", "a1", "b2", key="p2")
    catalog.copy.replace_passages(RUN, [other], [], article_ids=["a1", "b2"])
    moves = catalog._database.fetch_rows("SELECT old_passage_id, passage_id FROM passage_events")
    assert moves == [("p1", "p2")]
    assert catalog._database.fetch_rows("SELECT passage_id FROM passages") == [("p2",)]


def test_a_passage_leaves_with_all_its_places(catalog: Catalog) -> None:
    write_passages(catalog, passage("b2", "a1", "b2"))
    catalog.copy.replace_passages(RUN, [], [], article_ids=["a1"])
    for view in ("passages", "passage_places", "article_derivation", "paragraph_sources"):
        assert catalog._database.fetch_value(f"SELECT count(*) FROM {view}") == 0, view


def test_duplicate_clusters_replace_those_they_overlap(catalog: Catalog) -> None:
    def cluster(key: str, *members: str) -> DuplicateCluster:
        return DuplicateCluster(
            cluster_id=ClusterId(key),
            article_ids=[ArticleId(member) for member in members],
            representative_id=ArticleId(members[0]),
            origin_id=None,
            chosen_by="the longest",
            scores=[1.0, 0.75, 0.8][: len(members)],
            reasons=["the same words", "most runs", "many runs"][: len(members)],
        )

    first, apart = cluster("d1", "a1", "b2"), cluster("d2", "x8", "y9")
    assert catalog.copy.replace_duplicates(RUN, [first, apart], article_ids=["a1", "x8"]) == 6
    assert catalog.copy.replace_duplicates(RUN, [first, apart], article_ids=["a1", "x8"]) == 0
    grown = cluster("d3", "a1", "b2", "c3")
    catalog.copy.replace_duplicates(RUN, [grown], article_ids=["c3"])
    assert catalog.copy.load_duplicates() == [apart, grown]
    assert catalog.copy.load_duplicates(["c3"]) == [grown]
    catalog.copy.replace_duplicates(RUN, [], article_ids=["b2"])
    assert catalog.copy.load_duplicates() == [apart]


def test_matches_of_two_places_follow_from_those_with_their_anchor(catalog: Catalog) -> None:
    articles = ["a1", "b2", "c3", "d4"]
    catalog.articles.add_articles(
        RUN, [make_article(one, (LEDE,), outlet=f"Paper {one}") for one in articles]
    )
    with_anchor = [
        replace(make_match("a1", other), score=score, relation=relation, anchor_id=ArticleId("a1"))
        for other, score, relation in (
            ("b2", 0.9, Relation.VERBATIM),
            ("c3", 0.8, Relation.EDITED),
            ("d4", 0.7, Relation.VERBATIM),
        )
    ]
    near_miss = replace(make_match("b2", "d4"), is_match=False, score=0.3)
    catalog.copy.replace_verdicts(
        RUN, [*with_anchor, near_miss], [ArticleId(one) for one in articles]
    )
    write_passages(catalog, passage("a1", *articles))
    rows = catalog._database.fetch_rows(
        "SELECT left_article_id, right_article_id, relation, score FROM passage_matches"
        " ORDER BY ALL"
    )
    assert rows == [
        ("a1", "b2", "verbatim", 0.9),
        ("a1", "c3", "edited", 0.8),
        ("a1", "d4", "verbatim", 0.7),
        ("b2", "c3", "edited", 0.8),
        # b2 and d4 were compared with each other, and are no match: that stands
        ("c3", "d4", "edited", 0.7),
    ]
