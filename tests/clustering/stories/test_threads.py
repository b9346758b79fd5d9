"""Threads: what goes on over days, and what only looks as if it did."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest
import xxhash

from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import ArticleId, StoryEventKind, StoryThread, ThreadState
from wirethread.clustering.links.names import characteristic_names, characteristic_numbers
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.identity import inherit_identity
from wirethread.clustering.stories.threads import thread_articles

DAY = datetime(2031, 3, 4, 9, tzinfo=UTC)

STORY = {
    "a1": (0, "Quake of 6.8 hits Talmora", "Rescuers in Talmora dug through the night for survivors after a magnitude 6.8 earthquake flattened houses in the Verrick valley. Officials of the Verrick civil guard said the earthquake cut the road from Talmora."),
    "a2": (0, "Earthquake flattens villages in Verrick valley", "A magnitude 6.8 earthquake flattened villages in the Verrick valley near Talmora. Rescuers of the civil guard searched for survivors of the earthquake."),
    "b1": (1, "Talmora quake toll rises to 214", "The death toll of the Talmora earthquake rose to 214. Rescuers reached villages of the Verrick valley that the earthquake had cut off, the civil guard said."),
    "b2": (1, "Toll of Verrick earthquake climbs past 200", "Rescuers reached more villages in the Verrick valley and the toll of the Talmora earthquake climbed to 214, the civil guard said in Talmora."),
    "c1": (2, "Aid convoys reach Talmora after quake", "Aid convoys reached Talmora two days after the earthquake in the Verrick valley. The civil guard handed tents to survivors of the earthquake."),
    "x1": (1, "Parliament passes sugar tax", "Parliament in Ostrava Bay passed a budget with higher taxes on sugar after talks between finance minister Lena Harkov and the farmers."),
    "y1": (30, "Quake of 5.9 shakes Palu Nerat", "A magnitude 5.9 earthquake shook the island of Palu Nerat. Officials on Palu Nerat said nobody was hurt and no building fell."),
}  # fmt: skip


def make_articles(names: str | None = None) -> list[StoryArticle]:
    return [
        StoryArticle(
            article_id=ArticleId(name),
            headline=headline,
            text=text,
            language="en",
            published_at=DAY + timedelta(days=day),
        )
        for name, (day, headline, text) in STORY.items()
        if names is None or name in names.split()
    ]


def embed(articles: list[StoryArticle]) -> npt.NDArray[np.float32]:
    rows = []
    for article in articles:
        row = np.zeros(64)
        for word in set(tokenize_words(f"{article.headline} {article.text}")):
            bits = xxhash.xxh3_64_intdigest(word.encode())
            row += np.array([1.0 if bits >> k & 1 else -1.0 for k in range(64)])
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, dtype=np.float32)


GROUPS = [["a1", "a2"], ["b1", "b2"], ["c1"], ["x1"], ["y1"]]


def thread_up(
    groups: list[list[str]], previous: list[StoryThread] | None = None, now: datetime | None = None
) -> tuple[dict[str, StoryThread], list[StoryThread], list[StoryEventKind]]:
    articles = make_articles(" ".join(name for group in groups for name in group))
    clusters, _ = inherit_identity(
        [],
        [[ArticleId(name) for name in group] for group in groups],
        headlines={article.article_id: article.headline for article in articles},
    )
    threads, events = thread_articles(
        clusters, articles, score_links(articles, embed(articles)), previous or [], now=now
    )
    first = {cluster.cluster_id: cluster.article_ids[0] for cluster in clusters}
    by_member = {first[c]: thread for thread in threads for c in thread.cluster_ids}
    return (
        {str(name): thread for name, thread in by_member.items()},
        threads,
        [e.kind for e in events],
    )


def test_a_story_of_three_days_is_one_thread() -> None:
    of, threads, _ = thread_up(GROUPS)
    assert of["a1"] is of["b1"] is of["c1"]
    assert len(of["a1"].cluster_ids) == 3
    assert len(threads) == 3


def test_another_quake_a_month_later_is_another_thread() -> None:
    of, _, _ = thread_up(GROUPS)
    assert of["y1"].thread_id != of["a1"].thread_id


def test_something_else_of_the_same_day_is_another_thread() -> None:
    of, _, _ = thread_up(GROUPS)
    assert of["x1"].thread_id != of["a1"].thread_id


def test_a_thread_knows_its_times_names_and_title() -> None:
    of, _, _ = thread_up(GROUPS)
    thread = of["a1"]
    assert thread.first_seen_at == DAY
    assert thread.last_seen_at == DAY + timedelta(days=2)
    assert thread.title in {headline for _, headline, _ in STORY.values()}
    assert "Talmora" in thread.names
    assert "Verrick" in thread.names
    assert "214" in thread.numbers


@pytest.mark.parametrize(
    ("days", "state"),
    [(2.5, ThreadState.DEVELOPING), (5.5, ThreadState.QUIET), (20, ThreadState.CLOSED)],
)
def test_state_follows_the_newest_article(days: float, state: ThreadState) -> None:
    of, _, _ = thread_up(GROUPS[:3], now=DAY + timedelta(days=days))
    assert of["a1"].state is state


def test_a_thread_that_goes_on_keeps_its_id() -> None:
    of, before, _ = thread_up(GROUPS[:2])
    again, _, kinds = thread_up(GROUPS[:4], before)
    assert again["c1"].thread_id == of["a1"].thread_id
    assert kinds == [StoryEventKind.CONTINUED, StoryEventKind.BORN]


def test_the_same_clusters_again_change_nothing() -> None:
    _, before, _ = thread_up(GROUPS)
    _, after, kinds = thread_up(GROUPS, before)
    assert after == before
    assert kinds == []


def test_closing_is_recorded_once() -> None:
    _, before, _ = thread_up(GROUPS[:2])
    _, closed, kinds = thread_up(GROUPS[:2], before, now=DAY + timedelta(days=40))
    assert kinds == [StoryEventKind.CLOSED]
    _, _, again = thread_up(GROUPS[:2], closed, now=DAY + timedelta(days=41))
    assert again == []


def test_no_clusters_give_no_threads() -> None:
    assert thread_articles([], [], []) == ([], [])


def test_names_are_runs_of_capitals_with_a_rare_word() -> None:
    text = "On Monday the mayor, Lena Harkov, met Lena Harkov's brother. The talks took 3.5 hours."
    assert characteristic_names([text], "en") == ("Lena Harkov",)
    assert characteristic_numbers([text]) == ("3.5",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("At Lakeline, crews closed the road.", "Lakeline"),
        ("Dear Mrs Astley, crews closed the road.", "Astley"),
        ("The road stayed shut. Dr. Lena Harkov said so.", "Lena Harkov"),
        ("Nach Talmora fährt kein Zug.", "Talmora"),
    ],
)
def test_openings_of_sentences_and_forms_of_address_are_no_part_of_a_name(
    text: str, name: str
) -> None:
    language = "de" if text.startswith("Nach") else "en"
    assert name in characteristic_names([text], language)
    assert all("At" not in one and "Dear" not in one for one in characteristic_names([text], "en"))


def test_a_common_word_that_belongs_to_the_name_stays() -> None:
    text = (
        "New Talmora was quiet. A new ferry goes to New Talmora. First Harkov spoke, first of all."
    )
    assert set(characteristic_names([text], "en")) == {"New Talmora", "Harkov"}


def test_names_are_found_where_a_script_has_no_capitals() -> None:
    texts = ["塔尔莫拉附近的山谷发生地震。", "塔尔莫拉地震死亡人数上升。", "救援人员抵达塔尔莫拉。"]
    assert set(characteristic_names(texts, "zh")) & {"塔尔", "尔莫", "莫拉"}
