"""The questions as typed functions over the published sample."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.articles.types.articles import CreditRole, Derivation, ParagraphKind, ThreadState
from wirethread.embedding.hashing import HashingEncoder
from wirethread.questions import (
    SearchBy,
    find_similar,
    list_clusters,
    list_stories,
    query_sql,
    show_article,
    show_story,
)
from wirethread.storage.answers.types import (
    ClusterDetail,
    PassageFilter,
    StoryFilter,
    ThreadDetail,
)

DAY_2 = datetime(2024, 3, 12, tzinfo=UTC)
DAY_3 = datetime(2024, 3, 13, tzinfo=UTC)
QUERY = "Rescuers pulled an eight-year-old girl alive from a collapsed apartment block"


@pytest.fixture(scope="module")
def encoder() -> HashingEncoder:
    return HashingEncoder()


def test_stories_are_records_with_their_counts(published: Path) -> None:
    threads = list_stories(published, limit=100)
    assert sum(one.n_articles for one in threads) == 65
    for thread in threads:
        dated = thread.last_seen_at is not None
        assert thread.state is (ThreadState.DEVELOPING if dated else ThreadState.QUIET)
    assert all(one.last_seen_at is None or one.last_seen_at.tzinfo is UTC for one in threads)
    assert list_stories(published, StoryFilter(state=ThreadState.CLOSED), limit=100) == []
    assert {one.n_articles for one in list_stories(published, StoryFilter(min_articles=4))} <= set(
        range(4, 66)
    )


@pytest.mark.thorough
def test_every_thread_and_cluster_can_be_shown(published: Path) -> None:
    for thread in list_stories(published, limit=100):
        shown = show_story(published, thread.thread_id)
        assert isinstance(shown, ThreadDetail)
        assert shown.summary == thread
        assert len(shown.clusters) == thread.n_clusters
    for cluster in list_clusters(published, limit=100):
        detail = show_story(published, cluster.cluster_id)
        assert isinstance(detail, ClusterDetail)
        assert len(detail.articles) == cluster.n_articles
        counted = {one.reason for one in detail.articles if one.counted}
        assert cluster.n_independent_sources is not None
        assert bool(counted) == (cluster.n_independent_sources > 0)
        times = [
            article.article.published_at
            for article in detail.articles
            if article.article.published_at is not None
        ]
        assert times == sorted(times)


def test_a_story_that_never_was_is_not_found(published: Path) -> None:
    for wrong in ("s0000000000000000", "", "'; DROP TABLE store.articles; --"):
        with pytest.raises(NotFoundError):
            show_story(published, wrong)
        with pytest.raises(NotFoundError):
            show_article(published, wrong)


def test_an_article_shows_whose_words_its_paragraphs_carry(published: Path) -> None:
    found = show_article(published, "mp-quake-1")
    assert found.summary.derivation is Derivation.WHOLLY
    assert dict(found.agency_shares).keys() == {"Reuters"}
    assert found.summary.wire_share == pytest.approx(1.0, abs=0.05)
    copied = [one for one in found.paragraphs if one.sources]
    assert all(one.paragraph.kind is ParagraphKind.BODY for one in copied)
    for paragraph in copied:
        assert paragraph.sources[0].agency == "Reuters"
        assert paragraph.sources[0].origin_outlet == "Reuters"
        assert paragraph.sources[0].evidence
        assert paragraph.sources[0].reason
        for match in paragraph.matches:
            other = show_article(published, match.article_id).parsed.article.text
            assert other[match.other_begin : match.other_end] == match.other_text


def test_an_article_of_its_own_has_no_wire_source(published: Path) -> None:
    found = show_article(published, "ng-festival")
    assert found.summary.derivation is Derivation.NOT
    assert found.agency_shares == {}
    assert {one.role for one in found.parsed.credits} == {CreditRole.PHOTO}
    assert not any(one.sources for one in found.paragraphs)


def test_similar_by_meaning_is_the_nearest_by_cosine(
    published: Path, encoder: HashingEncoder
) -> None:
    found = find_similar(published, QUERY, encoder, by=SearchBy.MEANING, limit=20)
    assert len(found) == 20
    similarity = [one.similarity for one in found if one.similarity is not None]
    assert len(similarity) == 20
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(one.word_score is None for one in found)
    texts = [one.hit.text for one in found]
    exact = (encoder.encode(texts) @ encoder.encode([QUERY]).T).ravel()
    np.testing.assert_allclose(similarity, exact, atol=2e-3)
    everything = query_sql(
        published, "SELECT DISTINCT text FROM paragraphs WHERE kind = 'body' AND n_words >= 5"
    )
    all_texts = [row["text"] for row in everything]
    best = np.sort((encoder.encode(all_texts) @ encoder.encode([QUERY]).T).ravel())[::-1]
    distinct = sorted({round(one, 3) for one in similarity}, reverse=True)
    assert distinct[0] == pytest.approx(best[0], abs=2e-3)


def test_similar_by_words_wants_the_words(published: Path) -> None:
    found = find_similar(published, "collapsed apartment block", None, by=SearchBy.WORDS, limit=5)
    assert found
    assert all(one.similarity is None for one in found)
    scores = [one.word_score for one in found if one.word_score is not None]
    assert scores == sorted(scores, reverse=True)
    assert all(word in found[0].hit.text.lower() for word in ("collapsed", "apartment", "block"))
    assert find_similar(published, "xyzzy plugh", None, by=SearchBy.WORDS) == []
    assert find_similar(published, "!!! ???", None, by=SearchBy.WORDS) == []


def test_similar_by_both_joins_the_rankings(published: Path, encoder: HashingEncoder) -> None:
    both = find_similar(published, QUERY, encoder, limit=10)
    first_by_words = find_similar(published, QUERY, encoder, by=SearchBy.WORDS, limit=1)[0]
    assert both[0].hit.paragraph_id == first_by_words.hit.paragraph_id
    assert both[0].similarity is not None
    assert both[0].word_score is not None
    ids = [one.hit.paragraph_id for one in both]
    assert len(ids) == len(set(ids)) == 10
    # without a model, words alone answer
    assert [one.hit for one in find_similar(published, QUERY, None, limit=10)] == [
        entry.hit for entry in find_similar(published, QUERY, encoder, by=SearchBy.WORDS, limit=10)
    ]


@pytest.mark.parametrize("by", list(SearchBy))
def test_similar_looks_only_where_it_is_told(
    published: Path, encoder: HashingEncoder, by: SearchBy
) -> None:
    def ask(**chosen: object) -> list[str]:
        found = find_similar(
            published,
            "the earthquake in the town",
            encoder,
            by=by,
            chosen=PassageFilter(**chosen),  # type: ignore[arg-type]
            limit=15,
        )
        return [one.hit.article_id for one in found]

    def allowed(condition: str) -> set[str]:
        rows = query_sql(published, f"SELECT article_id FROM articles WHERE {condition}")
        return {row["article_id"] for row in rows}

    late = ask(since=DAY_3)
    assert late
    assert set(late) <= allowed("published_at >= '2024-03-13'")
    early = ask(until=DAY_2)
    assert early
    assert set(early) <= allowed("published_at < '2024-03-12'")
    between = ask(since=DAY_2, until=DAY_3, outlet="REUTERS")
    assert between
    assert set(between) <= allowed(
        "published_at >= '2024-03-12' AND published_at < '2024-03-13' AND outlet = 'Reuters'"
    )
    wire = ask(agency="afp")
    assert wire
    assert set(wire) <= allowed(
        "article_id IN (SELECT article_id FROM wire_credits WHERE agency = 'AFP'"
        " AND role IN ('source', 'contributor')) OR article_id IN"
        " (SELECT article_id FROM paragraph_sources WHERE agency = 'AFP')"
    )
    for name in ({"outlet": "No Such Paper"}, {"agency": "No Such Agency"}):
        with pytest.raises(NotFoundError, match="No Such"):
            ask(**name)


def test_copies_of_a_passage_stand_together_under_the_place_found_first(
    published: Path, encoder: HashingEncoder
) -> None:
    (row,) = query_sql(
        published,
        "SELECT text FROM paragraphs WHERE kind = 'body' AND n_words > 20 GROUP BY text"
        " ORDER BY count(*) DESC, text LIMIT 1",
    )
    places = query_sql(
        published, "SELECT paragraph_id FROM paragraphs WHERE text = $text", {"text": row["text"]}
    )
    found = find_similar(published, row["text"], encoder, by=SearchBy.MEANING, limit=10)
    best = found[0]
    assert (best.similarity or 0) > 0.99
    assert len(places) > 1
    together = {hit.paragraph_id for hit in (best.hit, *best.also)}
    assert {place["paragraph_id"] for place in places} <= together
    assert together.isdisjoint(other.hit.paragraph_id for other in found[1:])


def test_sql_takes_parameters_and_gives_python_values(published: Path) -> None:
    rows = query_sql(
        published,
        "SELECT source_id, published_at FROM articles WHERE outlet = $1 AND published_at < $2"
        " ORDER BY published_at",
        ["Reuters", DAY_2],
    )
    assert [row["source_id"] for row in rows] == ["rtr-quake-1"]
    assert rows[0]["published_at"].replace(tzinfo=None) == datetime(2024, 3, 11, 9, 48)
    with pytest.raises(StorageError):
        query_sql(published, "SELECT * FROM articles WHERE outlet = $1")


def test_nothing_published_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing has been published"):
        list_stories(tmp_path)
    with pytest.raises(NotFoundError, match="nothing has been published"):
        find_similar(tmp_path, "words", None)
