"""`wirethread.open`: the questions of the command line, to an archive that stays open."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import wirethread as wt
from wirethread.as_json import to_plain
from wirethread.flows.operations.explain import explain_articles
from wirethread.flows.settings.config import load_settings
from wirethread.questions import list_clusters, list_stories, show_article, show_story
from wirethread.storage.answers import counted
from wirethread.storage.answers.types import StoryFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot


@pytest.fixture
def archive(published: Path, hashing_config: Path) -> Iterator[wt.OpenArchive]:
    with wt.open(published, config=hashing_config) as opened:
        yield opened


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"limit": 3},
        {"agency": "reuters"},
        {"outlet": "MERIDIAN POST"},
        {"state": "developing", "min_articles": 2},
        {"since": datetime(2024, 3, 13, tzinfo=UTC)},
        {"until": datetime(2024, 3, 12, tzinfo=UTC), "agency": "AP"},
        {"outlet": "Meridian Post", "agency": "Associated Press"},
        {"min_newsrooms": 2},
    ],
    ids=str,
)
def test_stories_are_those_of_the_command_line(
    archive: wt.OpenArchive, published: Path, asked: dict[str, object]
) -> None:
    state = asked.get("state")
    plain = {**asked, "state": wt.ThreadState(state)} if state else dict(asked)
    if asked.get("agency") == "Associated Press":
        plain = {**plain, "agency": "AP"}
    limit = int(str(plain.pop("limit", 20)))
    chosen = StoryFilter(**plain)  # type: ignore[arg-type]
    assert archive.stories(**asked) == list_stories(published, chosen, limit=limit)  # type: ignore[arg-type]


def test_very_many_threads_are_counted_when_they_are_asked_for(
    archive: wt.OpenArchive, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "MOST_COUNTED", 3)
    assert archive.stories(agency="AP") == list_stories(published, StoryFilter(agency="AP"))


def test_an_outlet_that_is_not_there_is_told_with_the_nearest(archive: wt.OpenArchive) -> None:
    for ask in (archive.stories, archive.clusters, archive.copies, archive.duplicates):
        with pytest.raises(wt.NotFoundError, match="did you mean Meridian Post"):
            ask(outlet="Meridian")
    with pytest.raises(wt.NotFoundError, match="did you mean Meridian Post"):
        archive.similar("rescuers", by="words", outlet="Meridian")
    with pytest.raises(wt.NotFoundError, match="did you mean Reuters"):
        archive.similar("rescuers", by="words", agency="Reutters")
    with pytest.raises(wt.NotFoundError, match="did you mean Reuters"):
        archive.outdated(agency="Reutters")


def test_questions_that_are_awaited_are_answered_alike_and_at_once(
    published: Path, archive: wt.OpenArchive, hashing_config: Path
) -> None:
    async def ask() -> list[object]:
        async with wt.open_async(published, config=hashing_config) as waiting:
            assert repr(waiting) == f"wirethread.open_async({str(published)!r})"
            with pytest.raises(wt.NotFoundError, match="did you mean Meridian Post"):
                await waiting.stories(outlet="Meridian")
            return await asyncio.gather(
                waiting.stories(agency="Reuters"),
                waiting.article("mp-quake-2"),
                waiting.copies(limit=5),
                waiting.sql("SELECT count(*) AS n FROM articles"),
            )

    stories, article, copies, rows = asyncio.run(ask())
    assert stories == archive.stories(agency="Reuters")
    assert article == archive.article("mp-quake-2")
    assert copies == archive.copies(limit=5)
    assert rows == archive.sql("SELECT count(*) AS n FROM articles")
    questions = {name for name in vars(wt.OpenArchive) if name[0] != "_"} - {"plot"}
    assert questions <= set(vars(wt.AsyncArchive))


def test_an_explanation_is_read_from_the_snapshot_that_is_open(
    archive: wt.OpenArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.stories()
    opened = list[Path]()
    monkeypatch.setattr(Catalog, "open_published", lambda folder, **_: opened.append(folder))
    assert archive.explain("mp-quake-2", "rtr-quake-2").copy.verdict == "6 shared passages"
    assert opened == []


def test_copies_and_wire_are_rows_of_their_views(archive: wt.OpenArchive) -> None:
    for found, view in (
        (archive.copies(limit=1000), "copies"),
        (archive.duplicates(limit=1000), "duplicates"),
        (archive.wire(limit=1000), "outlet_wire_share"),
    ):
        rows = archive.sql(f"SELECT * FROM {view}")
        assert len(found) == len(rows) > 0
        assert set(rows.arrow().column_names) <= set(found.arrow().column_names)
    pairs = archive.copies(copied_by="Meridian Post", agency="Reuters")
    assert {pair.to_outlet for pair in pairs if pair.is_directed} == {"Meridian Post"}


def test_an_agency_may_be_written_out(archive: wt.OpenArchive) -> None:
    assert archive.stories(agency="Associated Press") == archive.stories(agency="AP")
    assert len(archive.stories(agency="AP")) > 0


def test_times_are_days_moments_or_words(archive: wt.OpenArchive) -> None:
    asked = [
        archive.stories(since=given)
        for given in ("2024-03-13", date(2024, 3, 13), datetime(2024, 3, 13))
    ]
    assert asked[0] == asked[1] == asked[2]
    assert 0 < len(asked[0]) < len(archive.stories(limit=100))
    dated = archive.stories(since="2000-01-01", limit=100)
    assert archive.stories(since="999999 hours ago", limit=100) == dated
    assert archive.stories(until=" Today", limit=100) == dated
    assert archive.stories(since="3 days ago") == []


def test_a_list_says_whether_it_goes_on_and_is_read_in_parts_or_whole(
    archive: wt.OpenArchive,
) -> None:
    similar: Any = partial(archive.similar, "earthquake rescuers", by="words")
    for ask in (archive.stories, archive.clusters, archive.copies, archive.wire, similar):
        whole = ask(limit=None)
        assert len(whole) > 4
        assert not whole.has_more
        parts = [ask(limit=3, offset=first) for first in range(0, len(whole), 3)]
        assert [one for part in parts for one in part] == list(whole)
        assert [part.has_more for part in parts] == [True] * (len(parts) - 1) + [False]
        assert not ask(limit=len(whole)).has_more
        assert "more behind the limit" in repr(parts[0])
        assert "goes on behind its limit" in parts[0]._repr_html_()
        assert "limit" not in repr(parts[-1])
        for wrong in ({"limit": 0}, {"offset": -1}):
            with pytest.raises(wt.ConfigError, match="at least"):
                ask(**wrong)
    assert archive.outdated(limit=None, offset=2) == archive.outdated()[2:]


def test_lists_go_on_also_where_threads_are_counted_when_asked_for(
    archive: wt.OpenArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "MOST_COUNTED", 3)
    whole = archive.stories(limit=None)
    assert [*archive.stories(limit=5), *archive.stories(limit=None, offset=5)] == list(whole)
    assert len(whole) > 20


def test_clusters_are_those_of_the_command_line(archive: wt.OpenArchive, published: Path) -> None:
    assert archive.clusters(limit=5) == list_clusters(published, limit=5)


def test_a_thread_lists_its_articles_in_order_of_time(
    archive: wt.OpenArchive, published: Path
) -> None:
    summary = max(archive.stories(), key=lambda one: one.n_articles)
    story = archive.story(summary.thread_id)
    assert isinstance(story, wt.StoryThread)
    assert len(story.articles) == summary.n_articles
    times = [one.published_at for one in story.articles if one.published_at]
    assert times == sorted(times)
    shown = show_story(published, summary.thread_id)
    assert {**to_plain(shown), "url": story.url} == {
        name: value for name, value in to_plain(story).items() if name != "articles"
    }


def test_an_article_says_the_same_as_on_the_command_line(
    archive: wt.OpenArchive, published: Path
) -> None:
    article = archive.article("mp-quake-1")
    shown = show_article(published, "mp-quake-1")
    assert {**to_plain(shown), "url": article.url} == to_plain(article)


def test_a_pair_is_explained_as_on_the_command_line(
    archive: wt.OpenArchive, published: Path, hashing_config: Path
) -> None:
    pair = archive.explain("rtr-quake-1", "mp-quake-1")
    settings = load_settings(hashing_config, data_folder=published)
    shown = explain_articles(settings, "rtr-quake-1", "mp-quake-1")
    assert to_plain(pair.copy) == to_plain(shown.copy)
    assert pair.story.verdict == shown.story.verdict


def test_single_answers_lead_to_their_pages(published: Path, hashing_config: Path) -> None:
    with wt.open(published, config=hashing_config, page="https://desk.example/wire/") as archive:
        article = archive.article("mp-quake-1")
        assert article.url == f"https://desk.example/wire/article/{article.summary.article_id}"
        pair = archive.explain("rtr-quake-1", "mp-quake-1")
        ids = f"{pair.left.article_id}/{pair.right.article_id}"
        assert pair.url == f"https://desk.example/wire/compare/{ids}"
        assert article.cluster is not None
        story = archive.story(article.cluster.cluster_id)
        assert story.url == f"https://desk.example/wire/story/{article.cluster.cluster_id}"


def test_passages_are_found_by_words_and_by_meaning(archive: wt.OpenArchive) -> None:
    for by in ("words", "meaning", "both"):
        found = archive.similar("earthquake in the Ostrel Valley", by=by, limit=4)
        assert len(found) == 4
        assert "Ostrel" in found[0].hit.text
    assert archive.similar("earthquake", by="words")[0].similarity is None
    outlets = {one.hit.outlet for one in archive.similar("Ostrel Valley", outlet="reuters")}
    assert outlets == {"Reuters"}


def test_rows_of_sql_are_mappings_with_attributes_that_do_not_change(
    archive: wt.OpenArchive,
) -> None:
    found = archive.sql(
        "SELECT outlet, count(*) AS n FROM articles WHERE outlet = ? GROUP BY outlet", ["Reuters"]
    )
    assert found[0].outlet == "Reuters"
    assert found[0] == {"outlet": "Reuters", "n": found[0]["n"]}
    with pytest.raises(AttributeError, match="no column 'outlets'; it has outlet, n"):
        _ = found[0].outlets
    with pytest.raises(AttributeError, match="cannot be changed"):
        found[0].n = 0
    assert archive.sql("SELECT headline FROM articles WHERE false").arrow().column_names == [
        "headline"
    ]


def test_sql_can_neither_write_nor_read_files(archive: wt.OpenArchive) -> None:
    for query in ("DROP VIEW articles", "SELECT * FROM read_text('/etc/passwd')"):
        with pytest.raises(wt.StorageError):
            archive.sql(query)


def test_records_do_not_change(archive: wt.OpenArchive) -> None:
    with pytest.raises(FrozenInstanceError):
        archive.stories()[0].title = "another"  # type: ignore[misc]


def test_a_source_tells_what_it_gave(archive: wt.OpenArchive) -> None:
    assert archive.sources() == []
    assert archive.outdated(kind="kill").arrow().column_names[:2] == ["kind", "agency"]


EARLIEST = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda archive: archive.stories(since="soon"), "since: 'soon' is no day or time"),
        (lambda archive: archive.stories(state="over"), "developing, quiet or closed, not 'over'"),
        (lambda archive: archive.stories(limit=0), "limit must be at least 1, not 0"),
        (lambda archive: archive.stories(limit="3"), "limit must be a whole number, not '3'"),
        (lambda archive: archive.copies(offset=None), "offset must be a whole number, not None"),
        (lambda archive: archive.stories(min_articles="2"), "min_articles must be a whole number"),
        (lambda archive: archive.stories(outlet=5), "outlet must be text, not 5"),
        (lambda archive: archive.copies(copied_by=b"AP"), "copied_by must be text, not b'AP'"),
        (lambda archive: archive.wire(outlet=["AP"]), "outlet must be text"),
        (lambda archive: archive.outdated(kind="over"), "hold, correction, .* not 'over'"),
        (lambda archive: archive.outdated(kind="repeat"), "update or refile, not 'repeat'"),
        (lambda archive: archive.article(""), "key must be an id or an address, not ''"),
        (lambda archive: archive.story(None), "story_id must be an id or an address, not None"),
        (lambda archive: archive.explain("mp-quake-2", 4), "right must be an id or an address"),
        (lambda archive: archive.similar(None), "text must be text, not None"),
        (lambda archive: archive.similar("  "), "the text is empty"),
        (lambda archive: archive.similar("quake", by="sound"), "not 'sound'"),
        (lambda archive: archive.stories(until=EARLIEST), "until: '0001-.*' is outside the years"),
        (lambda archive: archive.plot.agencies(since=EARLIEST), "outside the years 1 to 9999"),
        (lambda archive: archive.stories(since=5), "since: 5 is no day or time"),
        (lambda archive: archive.sql(None), "query must be text, not None"),
        (lambda archive: archive.plot.spread(5), "passage_id must be an id or an address, not 5"),
        (lambda archive: archive.plot.timeline(""), "story_id must be an id or an address"),
    ],
)
def test_a_question_that_cannot_be_asked_says_so(
    archive: wt.OpenArchive, ask: object, words: str
) -> None:
    with pytest.raises(wt.ConfigError, match=words):
        ask(archive)  # type: ignore[operator]


def test_what_is_not_there_is_told_when_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(wt.NotFoundError, match="there is no such data folder"):
        wt.open(tmp_path / "news")
    with pytest.raises(wt.NotFoundError, match="wirethread run"):
        wt.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_open_archive_follows_what_is_published(
    published: Path, hashing_config: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(published, tmp_path / "data"))
    with wt.open(folder, config=hashing_config) as archive:
        before, stories = len(archive.sql("SELECT * FROM runs")), archive.stories()
        with Catalog.open(folder) as catalog:
            catalog.runs.begin_run("later", [], "{}")
            catalog.runs.finish_run("later", "finished", {})
            publish_snapshot(catalog, force=True)
        assert len(archive.sql("SELECT * FROM runs")) == before + 1
        assert archive.stories() == stories


@pytest.mark.thorough
def test_threads_may_ask_at_once(archive: wt.OpenArchive) -> None:
    plain = archive.stories(), archive.article("mp-quake-1"), archive.similar("quake", by="words")
    answers: list[object] = []

    def ask() -> None:
        for _ in range(5):
            answers.append(
                (
                    archive.stories(),
                    archive.article("mp-quake-1"),
                    archive.similar("quake", by="words"),
                )
            )

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 30
    assert all(answer == plain for answer in answers)


def test_a_closed_archive_opens_again_when_it_is_asked(archive: wt.OpenArchive) -> None:
    stories = archive.stories()
    archive.close()
    assert archive.stories() == stories
