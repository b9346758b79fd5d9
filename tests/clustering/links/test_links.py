"""Scores of pairs of articles: what counts, and that nothing else in the batch does."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.links.pairs import limit_single_words, measure_pairs
from wirethread.clustering.links.score import STORY_TIME_SHARE, score_links, time_penalty
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import cluster_articles

DAY = datetime(2031, 3, 4, 9, tzinfo=UTC)

QUAKE = (
    "Rescuers in Talmora dug through the night for survivors after a magnitude 6.8 earthquake "
    "flattened hundreds of houses in the Verrick valley, officials of the civil guard said."
)
QUAKE_AGAIN = (
    "The death toll of the earthquake in the Verrick valley rose to 214 as rescuers in Talmora "
    "reached villages that the 6.8 magnitude tremor had cut off, the civil guard said."
)
BUDGET = (
    "Parliament in Ostrava Bay passed a budget with higher taxes on sugar after a week of talks "
    "between finance minister Lena Harkov and the farmers' union."
)


def make_article(
    name: str, headline: str, text: str, at: datetime | None = DAY, language: str = "en"
) -> StoryArticle:
    return StoryArticle(
        article_id=ArticleId(name), headline=headline, text=text, language=language, published_at=at
    )


def embed(articles: list[StoryArticle]) -> npt.NDArray[np.float32]:
    """Stand-in vectors: signs of hashed words of the opening, summed and made unit length."""
    rows = []
    for article in articles:
        row = np.zeros(64)
        for word in tokenize_words(f"{article.headline} {article.text}")[:60]:
            bits = xxhash.xxh3_64_intdigest(word.encode())
            row += np.array([1.0 if bits >> k & 1 else -1.0 for k in range(64)])
        rows.append(row / max(float(np.linalg.norm(row)), 1e-9))
    return np.array(rows, dtype=np.float32).reshape(len(articles), 64)


def score_pair(left: StoryArticle, right: StoryArticle, **more: object) -> Link | None:
    pair = [left, right]
    links = score_links(pair, embed(pair), **more)  # type: ignore[arg-type]
    return links[0] if links else None


def test_two_reports_on_one_quake_are_linked_and_a_budget_is_not() -> None:
    articles = [
        make_article("a", "Quake hits Talmora", QUAKE),
        make_article("b", "Talmora quake toll rises to 214", QUAKE_AGAIN),
        make_article("c", "Sugar tax passes", BUDGET),
    ]
    links = score_links(articles, embed(articles))
    assert [(link.left_id, link.right_id) for link in links] == [("a", "b")]
    assert links[0].score >= StorySettings().threshold
    assert 0.0 < links[0].names <= links[0].sparse <= 1.0


def test_a_copy_scores_one() -> None:
    link = score_pair(make_article("a", "Quake", QUAKE), make_article("b", "Quake", QUAKE))
    assert link is not None
    assert (link.score, link.dense, link.sparse) == (1.0, 1.0, 1.0)


def test_score_is_the_weighted_sum_of_its_parts() -> None:
    options = StorySettings()
    left = make_article("a", "Quake hits Talmora", QUAKE)
    right = make_article("b", "Toll rises", QUAKE_AGAIN, DAY + timedelta(days=4))
    link = score_pair(left, right, shared_copy={("a", "b"): 0.5})
    assert link is not None
    assert link.time_penalty == pytest.approx(0.3 * 3 / 9)
    assert link.score == pytest.approx(
        options.dense_weight * link.dense
        + options.sparse_weight * link.sparse
        + options.copy_weight * 0.5
        - link.time_penalty,
        abs=1e-5,
    )


def test_an_unknown_time_counts_neither_for_nor_against() -> None:
    left = make_article("a", "Quake hits Talmora", QUAKE)
    same_day = score_pair(left, make_article("b", "Toll rises", QUAKE_AGAIN))
    unknown = score_pair(left, make_article("b", "Toll rises", QUAKE_AGAIN, None))
    assert same_day is not None
    assert unknown is not None
    assert unknown.gap_days is None
    assert unknown.time_penalty == 0.0
    assert unknown.score == same_day.score


def test_articles_further_apart_than_the_window_are_never_linked() -> None:
    late = make_article("b", "Quake", QUAKE, DAY + timedelta(days=29))
    assert score_pair(make_article("a", "Quake", QUAKE), late) is None


@pytest.mark.parametrize(
    ("gap", "taken"), [(None, 0.0), (0.0, 0.0), (1.0, 0.0), (5.5, 0.15), (10.0, 0.3), (99.0, 0.3)]
)
def test_time_takes_nothing_for_a_day_and_all_from_ten(gap: float | None, taken: float) -> None:
    assert time_penalty(gap, StorySettings()) == pytest.approx(taken)


def test_shared_copy_raises_a_score() -> None:
    left, right = make_article("a", "Quake hits", QUAKE), make_article("b", "Toll", QUAKE_AGAIN)
    without, with_copy = (
        score_pair(left, right),
        score_pair(left, right, shared_copy={("a", "b"): 1.0}),
    )
    assert without is not None
    assert with_copy is not None
    assert with_copy.score == pytest.approx(without.score + StorySettings().copy_weight)
    assert with_copy.shared_copy == 1.0


def test_shared_copy_can_lift_a_pair_over_the_limit() -> None:
    options = StorySettings(copy_weight=0.9)
    left, right = make_article("a", "Quake", QUAKE), make_article("b", "Tax", BUDGET)
    assert score_pair(left, right, settings=options) is None
    assert score_pair(left, right, settings=options, shared_copy={("a", "b"): 1.0}) is not None


def test_no_words_and_no_articles_are_no_error() -> None:
    assert score_links([], np.empty((0, 64), np.float32)) == []
    blank = [make_article("a", "", ""), make_article("b", "", "")]
    assert score_links(blank, np.zeros((2, 64), np.float32)) == []


def test_wrong_shapes_and_doubles_are_refused() -> None:
    article = make_article("a", "Quake", QUAKE)
    with pytest.raises(ValueError, match="2 vectors and 1 marks for 1 articles"):
        score_links([article], np.zeros((2, 64), np.float32))
    with pytest.raises(ValueError, match="stands twice"):
        score_links([article, article], np.zeros((2, 64), np.float32))


def make_world(seed: int, n: int = 40) -> list[StoryArticle]:
    """Articles of invented stories over three weeks, some without a time."""
    maker = random.Random(seed)
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("lor", "min", "tes", "var")]
    topics = [maker.sample(words, 14) for _ in range(8)]
    found = []
    for number in range(n):
        topic = maker.choice(topics)
        text = " ".join(maker.choices(topic, k=25) + maker.choices(words, k=15))
        at = None if maker.random() < 0.2 else DAY + timedelta(hours=maker.randrange(500))
        found.append(make_article(f"a{number:03d}", " ".join(maker.sample(topic, 4)), text, at))
    return found


@pytest.mark.heavy
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_change_links(seed: int, shuffler: random.Random) -> None:
    articles = make_world(seed)
    expected = score_links(articles, embed(articles))
    assert len(expected) > 10
    shuffler.shuffle(articles)
    assert score_links(articles, embed(articles)) == expected


@pytest.mark.heavy
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_batches_give_the_same_links_and_clusters_as_one_go(
    seed: int, shuffler: random.Random
) -> None:
    articles = make_world(seed)
    expected = score_links(articles, embed(articles))
    shuffler.shuffle(articles)
    links: list[Link] = []
    arrived: list[StoryArticle] = []
    while len(arrived) < len(articles):
        batch = articles[len(arrived) : len(arrived) + shuffler.randint(1, 15)]
        is_new = np.array([False] * len(arrived) + [True] * len(batch))
        arrived = arrived + batch
        links += score_links(arrived, embed(arrived), is_new)
    ids = [article.article_id for article in articles]
    assert sorted(links, key=lambda k: (k.left_id, k.right_id)) == expected
    assert cluster_articles(ids, links) == cluster_articles(sorted(ids), expected)


@pytest.mark.heavy
def test_links_match_brute_force() -> None:
    articles = make_world(7, n=60)
    vectors = embed(articles)
    options = StorySettings()
    expected = {}
    for i, left in enumerate(articles):
        for j in range(i + 1, len(articles)):
            right = articles[j]
            words = weigh_terms([left, right]).weights.toarray()
            score = options.dense_weight * max(0.0, float(vectors[i] @ vectors[j]))
            shared = np.sort(words[0] * words[1])[::-1]
            rest = [float(shared[n:].sum()) for n in range(3)]
            score += options.sparse_weight * min(rest[0], 2 * rest[1], 3 * rest[2])
            as_story = score
            if left.published_at is not None and right.published_at is not None:
                gap = abs((left.published_at - right.published_at).total_seconds()) / 86_400
                if gap > options.window_days:
                    continue
                score -= time_penalty(gap, options)
                as_story -= STORY_TIME_SHARE * time_penalty(gap, options)
            if as_story >= options.min_score:
                expected[left.article_id, right.article_id] = max(score, 0.0)
    found = {(k.left_id, k.right_id): k.score for k in score_links(articles, vectors)}
    assert found.keys() == expected.keys()
    assert found == {pair: pytest.approx(score, abs=2e-6) for pair, score in expected.items()}


LANGUAGES = {
    "de": (
        ("Beben erschüttert Talmora", "Retter suchten in Talmora die ganze Nacht nach Überlebenden, nachdem ein Erdbeben der Stärke 6,8 im Verricktal Hunderte Häuser zerstört hatte."),
        ("Zahl der Toten nach Beben steigt", "Nach dem Erdbeben im Verricktal ist die Zahl der Toten auf 214 gestiegen, Retter erreichten bei Talmora abgeschnittene Dörfer."),
        ("Parlament beschließt Zuckersteuer", "Das Parlament hat am Abend einen Haushalt mit höheren Steuern auf Zucker beschlossen, nachdem Ministerin Harkov mit den Bauern verhandelt hatte."),
    ),
    "es": (
        ("Un terremoto sacude Talmora", "Los equipos de rescate buscaron toda la noche supervivientes en Talmora después de que un terremoto de magnitud 6,8 destruyera cientos de casas en el valle de Verrick."),
        ("Sube a 214 la cifra de muertos por el terremoto", "La cifra de muertos por el terremoto en el valle de Verrick subió a 214 mientras los rescatistas llegaban a los pueblos aislados cerca de Talmora."),
        ("El Parlamento aprueba el impuesto al azúcar", "El Parlamento aprobó por la noche un presupuesto con más impuestos sobre el azúcar después de que la ministra Harkov negociara con los agricultores."),
    ),
    "ru": (
        ("Землетрясение в Талморе", "Спасатели всю ночь искали выживших в Талморе после того, как землетрясение магнитудой 6,8 разрушило сотни домов в долине Веррик."),
        ("Число жертв землетрясения выросло до 214", "Число погибших при землетрясении в долине Веррик выросло до 214, спасатели добрались до отрезанных деревень возле Талморы."),
        ("Парламент принял налог на сахар", "Парламент вечером принял бюджет с более высокими налогами на сахар после переговоров министра Харковой с фермерами."),
    ),
    "ar": (
        ("زلزال يضرب تالمورا", "بحث رجال الإنقاذ طوال الليل عن ناجين في تالمورا بعد أن دمر زلزال بقوة 6.8 درجة مئات المنازل في وادي فيريك."),
        ("ارتفاع عدد قتلى الزلزال إلى 214", "ارتفع عدد قتلى الزلزال في وادي فيريك إلى 214 بينما وصل رجال الإنقاذ إلى القرى المعزولة قرب تالمورا."),
        ("البرلمان يقر ضريبة السكر", "أقر البرلمان مساء ميزانية ترفع الضرائب على السكر بعد محادثات الوزيرة هاركوف مع المزارعين."),
    ),
    "zh": (
        ("塔尔莫拉发生强烈地震", "塔尔莫拉附近的维里克山谷发生6.8级地震，数百间房屋倒塌，救援人员彻夜搜寻幸存者。"),
        ("维里克山谷地震死亡人数升至214人", "维里克山谷地震的死亡人数升至214人，救援人员抵达塔尔莫拉附近被切断的村庄。"),
        ("议会通过糖税预算", "在部长哈尔科娃与农民谈判一周之后，议会于晚间通过了提高糖税的预算案。"),
    ),
    "ja": (
        ("タルモラで強い地震", "タルモラ近くのベリック渓谷でマグニチュード6.8の地震が起き、数百棟の家屋が倒壊し、救助隊が夜通し生存者を捜索した。"),
        ("ベリック渓谷の地震、死者214人に", "ベリック渓谷の地震による死者は214人に増え、救助隊はタルモラ近くの孤立した村に到着した。"),
        ("議会、砂糖税の予算を可決", "ハルコワ大臣が農家と一週間協議した後、議会は夜、砂糖への増税を含む予算案を可決した。"),
    ),
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_tell_stories_apart_in_any_language(language: str) -> None:
    articles = [
        make_article(name, headline, text, language=language)
        for name, (headline, text) in zip("abc", LANGUAGES[language], strict=True)
    ]
    weights = weigh_terms(articles).weights.toarray()
    same, other = (
        float(weights[0] @ weights[1]),
        max(float(weights[k] @ weights[2]) for k in (0, 1)),
    )
    assert same > 0.15
    assert same > 3 * other
    links = score_links(articles, embed(articles), settings=StorySettings(dense_weight=0.0))
    assert not any("c" in (link.left_id, link.right_id) for link in links)


def test_a_wrong_guess_of_the_language_does_not_make_common_words_rare() -> None:
    right = weigh_terms([make_article("a", "Quake", QUAKE)])
    wrong = weigh_terms([make_article("a", "Quake", QUAKE, language="nl")])
    the = right.words.index("the")
    rare = right.words.index("talmora")
    for table in (right, wrong):
        weights = table.weights.toarray()[0]
        assert weights[table.words.index("the")] < weights[table.words.index("talmora")] / 3
    assert not right.is_rare[the]
    assert right.is_rare[rare]


def test_the_name_of_a_town_carries_no_link() -> None:
    """Reports of one paper that share nothing but where it is printed."""
    reports = [
        ("Lorry of lemons stuck in Ullerby", "A lorry full of lemons got stuck under the arch at Ullerby on Tuesday."),
        ("Ullerby choir buys a boat", "The choir of Ullerby has bought a boat to practise on the lake."),
        ("New clock for Ullerby", "The town hall of Ullerby gets a new clock, since the old one runs backwards."),
        ("Pupils of Ullerby win at chess", "Four pupils from Ullerby beat the champions of the county at chess."),
    ]  # fmt: skip
    articles = [make_article(f"a{n}", *one, DAY) for n, one in enumerate(reports)]
    openings = np.hstack([np.full((4, 1), 0.45**0.5), 0.55**0.5 * np.eye(4)])
    links = score_links(articles, openings.astype(np.float32))
    assert all(link.score < 0.25 for link in links)


def test_a_name_of_two_words_carries_no_link_either() -> None:
    table = weigh_terms(
        [
            make_article("a", "Nether Ullby opens baths", "Baths open in Nether Ullby.", DAY),
            make_article("b", "Nether Ullby mourns ox", "An ox of Nether Ullby has died.", DAY),
        ]
    )
    pairs = measure_pairs(
        vectors=np.ones((2, 1), np.float32), weights=table.weights, is_rare=table.is_rare,
        left=np.array([0]), right=np.array([1]),
    )  # fmt: skip
    limited = limit_single_words(table.weights, table.is_rare, pairs)
    assert pairs.sparse[0] > 0.3
    assert limited.sparse[0] < 0.1
    assert limited.names[0] <= limited.sparse[0]
