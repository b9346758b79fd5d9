"""Very many copies of one text in a story: linked with one that speaks for them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind, TimePrecision
from wirethread.clustering.crowds import articles as crowds
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.reasons import compare_groups
from wirethread.embedding import HashingEncoder

QUAKE = (
    "A strong earthquake shook the port of Sarquen on Tuesday night and brought down the old grain"
    " store on Harbour Row, where rescuers were still digging for four dockers at dawn. The quake"
    " measured 6.4 and was felt as far as the islands, the seismological office in Ellery said."
)
AFTER = (
    "Rescuers in Sarquen pulled two dockers alive from the grain store on Harbour Row on Wednesday,"
    " nine hours after the earthquake. Mayor Oda Lund said that the port would stay closed until"
    " the cranes had been looked over, and asked people to keep away from the quays."
)
VOTE = (
    "The parliament of Norvia elected Alma Torv, a beekeeper, as president on Tuesday after"
    " forty-one ballots. She had gone to the gallery as a visitor and asked for a glass of water."
)


def write(article_id: str, text: str, *, hours: float = 0, outlet: str = "") -> StoryArticle:
    return StoryArticle(
        article_id=ArticleId(article_id),
        headline=f"{text.split('.', maxsplit=1)[0][:60]} ({article_id})",
        text=text,
        language="en",
        outlet=outlet or f"Paper {article_id}",
        published_at=datetime(2026, 11, 3, 22, tzinfo=UTC) + timedelta(hours=hours),
        published_precision=TimePrecision.SECOND,
    )


def make_story(n_copies: int = 30) -> list[StoryArticle]:
    """Copies of one text, some with a word of their own, and others on the same and other days."""
    copies = [
        write(f"c{n:02}", QUAKE.replace("strong", "heavy") if n % 7 == 3 else QUAKE, hours=n / 60)
        for n in range(n_copies)
    ]
    others = [
        write("f1", AFTER, hours=9),
        write("f2", AFTER.replace("nine hours", "half a day"), hours=12),
        write("v1", VOTE, hours=1),
        write("v2", VOTE.replace("forty-one ballots", "a long day"), hours=2),
    ]
    return [*copies, *others]


def cluster(articles: list[StoryArticle], corrections: tuple[Correction, ...] = ()):
    vectors = HashingEncoder(64).encode([f"{one.headline}\n{one.text}" for one in articles])
    links = score_links(articles, vectors)
    return links, cluster_articles([one.article_id for one in articles], links, corrections)


def test_stories_come_out_as_if_every_copy_were_linked_with_every_other(monkeypatch):
    articles = make_story()
    links, clusters = cluster(articles)
    monkeypatch.setattr(crowds, "_LEAST", 1_000)
    plain_links, plain_clusters = cluster(articles)
    assert clusters == plain_clusters
    assert len(links) < len(articles) + 10
    assert len(plain_links) > 30 * 29 / 2


def test_a_copy_that_a_person_sets_apart_speaks_for_itself():
    articles = make_story()
    apart = Correction(
        correction_id="k1",
        kind=CorrectionKind.APART,
        left_id="c05",
        right_id="c00",
        title=None,
        said_by="desk",
        reason="another quake",
        said_at=datetime(2026, 11, 4, tzinfo=UTC),
    )
    _, clusters = cluster(articles, (apart,))
    home = next(one for one in clusters if "c00" in one)
    assert "c05" not in home
    assert "c06" in home


def test_an_article_is_held_against_all_copies_by_the_one_that_speaks_for_them():
    articles = make_story()
    links, _ = cluster(articles)
    copies = [ArticleId(f"c{n:02}") for n in range(30)]
    compared = compare_groups([ArticleId("f1")], copies, links)
    alone = compare_groups([ArticleId("f1")], copies[:1], links)
    assert compared.average == pytest.approx(alone.average)
    assert compared.n_linked_pairs == 30


def test_forms_filled_in_with_other_facts_are_no_story_and_grow_no_links():
    chance = np.random.default_rng(3)
    towns = ["".join(chance.choice(["ka", "lo", "mer", "tun", "sil"], 4)) for _ in range(200)]
    articles = [
        write(
            f"w{number:03}",
            f"{town.capitalize()} will see showers on Monday, with a high of {number % 23} degrees"
            f" and a low of {number % 9} degrees. Winds from the north reach {number % 71}"
            f" kilometres an hour in the hours after noon, the weather service says. The chance of"
            f" rain in {town.capitalize()} stands at {number % 97} percent before dawn.",
        )
        for number, town in enumerate(towns)
    ]
    links, clusters = cluster(articles)
    assert len(links) < 4 * len(articles)
    assert max(map(len, clusters)) < 8


def test_copies_that_every_outlet_edits_stay_one_story():
    own = ["brisk", "lofty", "murky", "plain", "rapid", "stark", "tepid", "vivid", "woven", "young"]
    articles = [
        write(
            f"e{number:02}",
            f"{QUAKE.replace('strong', own[number % 10] + own[number // 10])} The"
            f" {own[(number + 3) % 10]}{number} of {own[(number + 5) % 10]}x{number} was closed.",
            hours=number / 60,
        )
        for number in range(40)
    ]
    vectors = HashingEncoder(64).encode([f"{one.headline}\n{one.text}" for one in articles])
    shared = {(ArticleId("e00"), ArticleId(f"e{number:02}")): 0.8 for number in range(1, 40)}
    links = score_links(articles, vectors, shared_copy=shared)
    assert len(links) == 39
    assert len(cluster_articles([one.article_id for one in articles], links)) == 1
