from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.storage.making import LEDE, LOCAL, NOON, RUN, make_article, make_match
from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Derivation,
    DuplicateCluster,
    ParagraphId,
    ParagraphState,
    PassageId,
    Relation,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
    StoryThread,
    ThreadId,
    ThreadState,
)
from wirethread.articles.types.copy import (
    ArticleDerivation,
    NewsroomVerdict,
    ParagraphOrigin,
    Passage,
    PassagePlace,
)
from wirethread.storage.answers.article import find_article, get_article
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.stories import list_story_clusters, list_story_threads
from wirethread.storage.answers.types import ClusterDetail, StoryFilter, ThreadDetail
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot

WIRE, COPY, OTHER = ArticleId("aaaa01"), ArticleId("aaab02"), ArticleId("cccc03")
CRANE, FERRY = ClusterId("crane-1"), ClusterId("ferry-1")
SEA = ThreadId("thread-sea")


@pytest.fixture
def filled(catalog: Catalog) -> Iterator[Catalog]:
    """Two outlets with one AP text, one article of its own, two clusters, one thread."""
    catalog.articles.add_articles(
        RUN,
        [
            make_article(WIRE, [LEDE], agency="AP", url="https://harbour-post.example/1"),
            make_article(
                COPY, [LOCAL, LEDE], outlet="Saltmarsh Echo", source_id="echo-9",
                published_at=NOON + timedelta(hours=1),
            ),
            make_article(OTHER, [LOCAL], published_at=NOON + timedelta(days=1)),
        ],
    )  # fmt: skip
    match = replace(
        make_match(WIRE, COPY), right_begin=len(LOCAL) + 1, right_end=len(LOCAL) + 1 + len(LEDE)
    )
    catalog.copy.replace_verdicts(RUN, [match], [WIRE, COPY])
    passage = Passage(
        passage_id=PassageId("p1"),
        places=[
            PassagePlace(article_id=WIRE, begin=0, end=len(LEDE), position=0),
            PassagePlace(
                article_id=COPY,
                begin=match.right_begin,
                end=match.right_end,
                position=1,
                relation=Relation.VERBATIM,
            ),
        ],
        origin_article_id=WIRE,
        agency="AP",
        confidence=0.9,
        evidence="(AP)",
        evidence_article_id=WIRE,
        reason="dateline",
    )
    derivation = ArticleDerivation(
        article_id=COPY,
        derivation=Derivation.PARTLY,
        wire_share=0.5,
        share_by_agency={"AP": 0.5},
        copied_share=0.0,
        shared_share=0.0,
        paragraphs=[
            ParagraphOrigin(
                paragraph_id=ParagraphId(f"{COPY}.1"),
                position=1,
                state=ParagraphState.COPIED,
                passage_id=PassageId("p1"),
                agency="AP",
                copied_share=1.0,
            )
        ],
        reason="one of two",
    )
    catalog.copy.replace_passages(RUN, [passage], [derivation], article_ids=[WIRE, COPY])
    clusters = [
        StoryCluster(cluster_id=CRANE, article_ids=[WIRE, COPY], title="Crane falls"),
        StoryCluster(cluster_id=FERRY, article_ids=[OTHER], title="Ferries move"),
    ]
    merged = StoryEvent(
        kind=StoryEventKind.MERGED, subject_id="old-crane", other_id=CRANE, reason="same happening"
    )
    catalog.stories.replace_clusters(RUN, clusters, [merged])
    thread = StoryThread(
        thread_id=SEA,
        cluster_ids=[CRANE, FERRY],
        title="Port Ellery",
        first_seen_at=NOON,
        last_seen_at=NOON + timedelta(days=1),
        state=ThreadState.DEVELOPING,
    )
    catalog.stories.replace_threads(RUN, [thread], [])
    catalog.stories.replace_story_newsrooms(
        RUN,
        {
            CRANE: [
                NewsroomVerdict(
                    article_id=key,
                    outlet="AP",
                    is_counted=counted,
                    counted_with=None if counted else WIRE,
                    newsroom="AP",
                    reason="AP copy",
                )
                for key, counted in ((WIRE, True), (COPY, False))
            ]
        },
        cluster_ids=[CRANE],
    )
    duplicates = DuplicateCluster(
        cluster_id=ClusterId("dup-1"),
        article_ids=[WIRE, COPY],
        representative_id=WIRE,
        origin_id=WIRE,
    )
    catalog.copy.replace_duplicates(RUN, [duplicates], article_ids=[WIRE, COPY])
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        yield snapshot


def test_clusters_are_listed_by_when_they_were_last_seen(filled: Catalog) -> None:
    found = list_story_clusters(filled)
    assert [(one.cluster_id, one.n_articles, one.n_outlets) for one in found] == [
        (FERRY, 1, 1),
        (CRANE, 2, 2),
    ]
    assert found[1].n_independent_sources == 1
    assert found[1].last_seen_at == NOON + timedelta(hours=1)
    assert found[1].thread_id == SEA


def test_clusters_are_filtered_by_time_outlet_agency_and_size(filled: Catalog) -> None:
    def ids(**filters: object) -> list[str]:
        chosen = StoryFilter(**filters)  # type: ignore[arg-type]
        return [one.cluster_id for one in list_story_clusters(filled, chosen)]

    assert [one.cluster_id for one in list_story_clusters(filled, limit=1)] == [FERRY]
    assert ids(since=NOON + timedelta(hours=2)) == [FERRY]
    assert ids(until=NOON + timedelta(hours=2)) == [CRANE]
    assert ids(outlet="saltmarsh echo") == [CRANE]
    assert ids(agency="ap") == [CRANE]
    assert ids(agency="AFP") == []
    assert ids(min_articles=2) == [CRANE]
    assert ids(min_newsrooms=1) == [CRANE]
    assert ids(min_newsrooms=2) == []


def test_threads_are_listed_with_their_counts(filled: Catalog) -> None:
    (thread,) = list_story_threads(filled, StoryFilter(agency="AP", outlet="Saltmarsh Echo"))
    assert (thread.thread_id, thread.n_clusters, thread.n_articles) == (SEA, 2, 3)
    assert (thread.n_outlets, thread.n_independent_sources) == (2, 1)
    assert list_story_threads(filled, StoryFilter(state=ThreadState.CLOSED)) == []
    assert list_story_threads(filled, StoryFilter(min_articles=4)) == []


def test_a_cluster_shows_its_articles_sources_and_passages(filled: Catalog) -> None:
    story = get_story(filled, CRANE)
    assert isinstance(story, ClusterDetail)
    assert [(one.article.article_id, one.counted, one.source_group) for one in story.articles] == [
        (WIRE, True, "AP"),
        (COPY, False, "AP"),
    ]
    assert {one.duplicate_cluster_id for one in story.articles} == {"dup-1"}
    assert story.articles[1].article.derivation is Derivation.PARTLY
    assert story.articles[1].article.agencies == ["AP"]
    (passage,) = story.passages
    assert (passage.text, passage.n_places, passage.origin_outlet) == (
        LEDE,
        2,
        "harbour-post.example",
    )
    assert [one.kind for one in story.events] == [StoryEventKind.MERGED]


def test_a_story_answers_to_old_ids_and_clear_prefixes(filled: Catalog) -> None:
    assert get_story(filled, "old-crane") == get_story(filled, "cran") == get_story(filled, CRANE)
    thread = get_story(filled, "thread")
    assert isinstance(thread, ThreadDetail)
    assert [one.cluster_id for one in thread.clusters] == [CRANE, FERRY]
    for unknown in ("zzzz", "cra", ""):
        with pytest.raises(NotFoundError, match="no story cluster or thread"):
            get_story(filled, unknown)


def test_an_article_answers_to_id_prefix_source_id_and_address(filled: Catalog) -> None:
    for key in (WIRE, "aaaa", "https://harbour-post.example/1"):
        assert find_article(filled, key) == WIRE
    assert find_article(filled, "echo-9") == COPY
    with pytest.raises(NotFoundError, match="no article has the id aaa"):
        find_article(filled, "aaa")


def test_an_unclear_prefix_names_the_candidates(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("abcd1"), make_article("abcd2")])
    with pytest.raises(NotFoundError, match="abcd may be abcd1, abcd2: give more of the id"):
        find_article(catalog, "abcd")


def test_an_article_is_shown_paragraph_by_paragraph(filled: Catalog) -> None:
    detail = get_article(filled, COPY)
    own, copied = detail.paragraphs
    assert (own.sources, own.matches) == ([], [])
    (source,) = copied.sources
    assert (source.agency, source.origin_article_id, source.evidence) == ("AP", WIRE, "(AP)")
    assert source.origin_outlet == "harbour-post.example"
    assert source.relation is Relation.VERBATIM
    (match,) = copied.matches
    assert (match.article_id, match.other_text) == (WIRE, LEDE)
    assert detail.parsed.article.text[match.begin : match.end] == LEDE
    assert detail.agency_shares == {"AP": 0.5}
    assert [one.article_id for one in detail.duplicates] == [WIRE]
    assert detail.duplicate_origin_id == WIRE
    assert detail.cluster is not None
    assert detail.cluster.cluster_id == CRANE
    assert detail.derivation_reason == "one of two"


def test_an_article_that_nothing_is_known_of_is_shown(filled: Catalog) -> None:
    detail = get_article(filled, OTHER)
    assert (detail.summary.derivation, detail.duplicates, detail.agency_shares) == (None, [], {})
