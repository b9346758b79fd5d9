from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.digesting import digest_content
from tests.storage.making import LEDE, LOCAL, NOON, QUOTE, RUN, make_article
from wirethread import __version__
from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.articles.normalize import hash_text
from wirethread.articles.opening import compose_opening
from wirethread.articles.types.articles import ParagraphKind, RejectedArticle
from wirethread.storage.catalog import Catalog

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def test_articles_come_back_as_they_were_stored(catalog: Catalog) -> None:
    parsed = [
        make_article("a1", agency="AP", source_id="77", url="https://harbour-post.example/77"),
        make_article("b2", [LOCAL], published_at=None),
    ]
    assert catalog.articles.add_articles(RUN, parsed) == 2
    assert catalog.articles.load_articles(["b2", "a1", "none"]) == parsed


@pytest.mark.heavy
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=4), headline=ANY_TEXT)
def test_catalog_roundtrips_any_text(catalog: Catalog, texts: list[str], headline: str) -> None:
    key = f"x{abs(hash((tuple(texts), headline)))}"
    parsed = make_article(key, texts, headline=headline, outlet=headline)
    catalog.articles.add_articles(RUN, [parsed])
    assert catalog.articles.load_articles([key]) == [parsed]
    offsets = catalog._database.fetch_rows(
        'SELECT substring(a.text, p."begin" + 1, p."end" - p."begin") = p.text'
        " FROM articles a JOIN paragraphs p USING (article_id) WHERE article_id = ?",
        [key],
    )
    assert {row[0] for row in offsets} == {True}


def test_lone_surrogates_are_refused_in_one_sentence(catalog: Catalog) -> None:
    with pytest.raises(StorageError, match="column text holds text that is not Unicode"):
        catalog.articles.add_articles(
            RUN, [make_article("a1", ["half a \ud83d pair is no text at all"])]
        )
    assert catalog.articles.find_known_articles(["a1"]) == set()


def test_rerunning_ingest_changes_nothing(catalog: Catalog) -> None:
    parsed = [make_article("a1"), make_article("b2")]
    rejected = [RejectedArticle(source="news.jsonl:9", source_id=None, reason="no text")]
    assert catalog.articles.add_articles(RUN, parsed, rejected) == 3
    digest, version = digest_content(catalog), catalog.change_number
    assert catalog.articles.add_articles("run-2", parsed, rejected) == 0
    assert (digest_content(catalog), catalog.change_number) == (digest, version)


def test_one_article_given_twice_in_a_batch_is_stored_once(catalog: Catalog) -> None:
    assert catalog.articles.add_articles(RUN, [make_article("a1"), make_article("a1")]) == 1
    assert catalog._database.fetch_value("SELECT count(*) FROM paragraphs") == 2


def test_known_articles_and_source_ids_are_found(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1", source_id="77"), make_article("b2")])
    assert catalog.articles.find_known_articles(["b2", "c3"]) == {"b2"}
    asked = [("harbour-post.example", "77"), ("other.example", "77")]
    assert catalog.articles.find_known_source_ids(asked) == {asked[0]: "a1"}


def test_times_are_stored_in_utc(catalog: Catalog) -> None:
    tokyo = datetime(2024, 3, 5, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    catalog.articles.add_articles(RUN, [make_article("a1", published_at=tokyo)])
    stored = catalog._database.fetch_value("SELECT published_at FROM articles")
    assert stored == datetime(2024, 3, 5, 12, 0)
    assert catalog.articles.load_articles(["a1"])[0].article.published_at == NOON


def test_a_time_without_a_zone_is_refused(catalog: Catalog) -> None:
    naive = datetime(2024, 3, 5)
    with pytest.raises(ValueError, match="without a time zone"):
        catalog.articles.add_articles(RUN, [make_article("a1", published_at=naive)])


def test_articles_between_include_the_begin_and_not_the_end(catalog: Catalog) -> None:
    later = NOON + timedelta(days=1)
    catalog.articles.add_articles(
        RUN, [make_article("a1"), make_article("b2", published_at=later), make_article("c3")]
    )
    assert catalog.articles.find_articles_between(NOON, later) == ["a1", "c3"]
    assert catalog.articles.find_articles_between(None, None) == ["a1", "c3", "b2"]
    assert catalog.articles.find_article_times(["b2"]) == {"b2": later}


def test_an_undated_article_stands_where_it_was_read(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1", published_at=None)])
    now = datetime.now(UTC)
    assert catalog.articles.find_articles_between(now - timedelta(hours=1), now) == ["a1"]


def test_each_distinct_text_is_embedded_once(catalog: Catalog) -> None:
    furniture = [ParagraphKind.BODY, ParagraphKind.FURNITURE]
    first = make_article("a1", [LEDE, QUOTE])
    catalog.articles.add_articles(
        RUN,
        [first, make_article("b2", [LEDE.upper(), "Sign up now for our letter."], kinds=furniture)],
    )
    batch = catalog.vectors.select_texts_to_embed("m", 100)
    openings = {
        hash_text(compose_opening(article_text.article.headline, article_text.paragraphs))
        for article_text in catalog.articles.load_articles(["a1", "b2"])
    }
    assert set(batch.hashes.tolist()) == {hash_text(LEDE), hash_text(QUOTE), *openings}
    assert sorted(batch.hashes.tolist()) == batch.hashes.tolist()
    assert catalog.vectors.count_texts_to_embed("m") == len(batch) == 4


def test_short_paragraphs_get_no_vector_and_chinese_ones_do(catalog: Catalog) -> None:
    catalog.articles.add_articles(
        RUN, [make_article("a1", ["Read more.", "港口周二因起重机倒塌而关闭。"])]
    )
    texts = catalog.vectors.select_texts_to_embed("m", 100).texts
    assert "Read more." not in texts
    assert "港口周二因起重机倒塌而关闭。" in texts


def test_texts_to_embed_come_in_stable_batches(catalog: Catalog) -> None:
    catalog.articles.add_articles(
        RUN, [make_article(f"a{n}", [f"{LEDE} Day {n}."]) for n in range(5)]
    )
    whole = catalog.vectors.select_texts_to_embed("m", 100)
    assert (
        catalog.vectors.select_texts_to_embed("m", 3).hashes.tolist() == whole.hashes[:3].tolist()
    )


def test_opening_hashes_keep_the_order_asked(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2", [LOCAL])])
    forth = catalog.articles.find_opening_hashes(["a1", "b2"])
    assert catalog.articles.find_opening_hashes(["b2", "a1"]).tolist() == forth[::-1].tolist()
    with pytest.raises(NotFoundError, match="zz"):
        catalog.articles.find_opening_hashes(["a1", "zz"])


def test_pending_articles_are_those_a_step_has_not_seen_under_its_version(
    catalog: Catalog,
) -> None:
    catalog.articles.add_articles(RUN, [make_article("b2"), make_article("a1")])
    assert catalog.runs.list_pending("match", fingerprint="v1") == ["a1", "b2"]
    catalog.runs.mark_done("match", ["a1"], RUN, fingerprint="v1")
    assert catalog.runs.list_pending("match", fingerprint="v1") == ["b2"]
    assert catalog.runs.list_pending("link", fingerprint="v1") == ["a1", "b2"]
    catalog.runs.mark_done("match", ["a1"], RUN, fingerprint="v2")
    assert catalog.runs.list_pending("match", fingerprint="v2") == ["b2"]
    assert catalog.runs.list_pending("match", fingerprint="v1") == ["a1", "b2"]


def test_runs_keep_their_steps_and_counters(catalog: Catalog) -> None:
    catalog.runs.record_step(RUN, "read", 1.5, {"articles": 3})
    catalog.runs.record_step(RUN, "read", 2.5, {"articles": 4})
    catalog.runs.finish_run(RUN, "finished", {"n_new": 4}, "4 articles")
    assert catalog._database.fetch_rows(
        "SELECT step, seconds, counts['articles'] FROM run_steps"
    ) == [("read", 2.5, 4)]
    row = catalog._database.fetch_rows("SELECT state, counts['n_new'], message, sources FROM runs")
    assert row == [("finished", 4, "4 articles", ["news.jsonl"])]


def test_a_run_says_which_version_of_the_program_made_it(catalog: Catalog) -> None:
    assert catalog._database.fetch_rows("SELECT run_id, version FROM runs") == [(RUN, __version__)]


def test_a_run_that_was_killed_counts_as_interrupted(catalog: Catalog) -> None:
    catalog.runs.begin_run("run-2", [], "{}")
    states = catalog._database.fetch_rows("SELECT run_id, state FROM runs ORDER BY run_id")
    assert states == [(RUN, "interrupted"), ("run-2", "running")]


def test_a_step_may_wait_for_the_one_before_it(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
    catalog.runs.mark_done("link", ["b2"], RUN, fingerprint="v1")
    assert catalog.runs.list_pending("cluster", fingerprint="v1") == ["a1", "b2"]
    assert catalog.runs.list_pending("cluster", fingerprint="v1", after="link") == ["b2"]
