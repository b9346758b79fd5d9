"""The same news day in seven languages: stories come out alike, whatever the script."""

from datetime import UTC, datetime, timedelta

import pytest

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links.figures import find_figures
from wirethread.clustering.links.names import characteristic_names, characteristic_numbers
from wirethread.clustering.links.score import score_links
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.identity import inherit_identity
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.threads import thread_articles
from wirethread.embedding.hashing import HashingEncoder

DAY = datetime(2031, 3, 4, 9, tzinfo=UTC)

# two accounts of a quake, then two of a sugar tax, by language
NEWS = {
    "en": (
        ("Quake of 6.8 kills 214 in Talmora", "A magnitude 6.8 earthquake flattened houses in Talmora and killed 214 people. Rescuers from Verrick dug for survivors."),
        ("Talmora earthquake: 214 dead", "At least 214 people died when an earthquake flattened houses in Talmora. Rescuers from Verrick searched for survivors."),
        ("Parliament passes sugar tax", "Parliament in Ostrava adopted a tax of 35 percent on sugar. Finance minister Lena Harkov praised the vote."),
        ("Sugar tax of 35 percent adopted", "The sugar tax comes: parliament in Ostrava voted for 35 percent. Minister Lena Harkov spoke of a success."),
    ),
    "de": (
        ("Beben der Stärke 6,8 tötet 214 Menschen in Talmora", "Ein Erdbeben der Stärke 6,8 hat in Talmora Häuser zerstört und 214 Menschen getötet. Retter aus Verrick gruben nach Überlebenden."),
        ("Erdbeben in Talmora: 214 Tote", "Mindestens 214 Menschen starben, als ein Erdbeben in Talmora Häuser zerstörte. Retter aus Verrick suchten nach Überlebenden."),
        ("Parlament beschließt Zuckersteuer", "Das Parlament in Ostrava hat eine Zuckersteuer von 35 Prozent beschlossen. Finanzministerin Lena Harkov lobte die Abstimmung."),
        ("Zuckersteuer von 35 Prozent kommt", "Die Zuckersteuer kommt: Das Parlament in Ostrava stimmte für 35 Prozent. Finanzministerin Lena Harkov sprach von einem Erfolg."),
    ),
    "es": (
        ("Un terremoto de 6,8 deja 214 muertos en Talmora", "Un terremoto de magnitud 6,8 derrumbó casas en Talmora y mató a 214 personas. Rescatistas de Verrick buscaron supervivientes."),
        ("Terremoto en Talmora: 214 muertos", "Al menos 214 personas murieron cuando un terremoto derrumbó casas en Talmora. Rescatistas de Verrick buscaban supervivientes."),
        ("El parlamento aprueba el impuesto al azúcar", "El parlamento de Ostrava aprobó un impuesto del 35 por ciento al azúcar. La ministra Lena Harkov elogió la votación."),
        ("Aprobado el impuesto al azúcar del 35 por ciento", "Llega el impuesto al azúcar: el parlamento de Ostrava votó por el 35 por ciento. La ministra Lena Harkov habló de un éxito."),
    ),
    "ru": (
        ("Землетрясение в Тальморе: 214 погибших", "Землетрясение магнитудой 6,8 разрушило дома в Тальморе, погибли 214 человек. Спасатели из Веррика ищут выживших."),
        ("При землетрясении в Тальморе погибли 214 человек", "Не менее 214 человек погибли, когда землетрясение разрушило дома в Тальморе. Спасатели из Веррика искали выживших."),
        ("Парламент принял налог на сахар", "Парламент в Остраве принял налог на сахар в 35 процентов. Министр Лена Харкова похвалила решение."),
        ("Налог на сахар составит 35 процентов", "Налог на сахар вводится: парламент в Остраве проголосовал за 35 процентов. Министр Лена Харкова говорила об успехе."),
    ),
    "ar": (
        ("زلزال تالمورا يقتل 214 شخصا", "ضرب زلزال بقوة 6.8 درجات مدينة تالمورا وقتل 214 شخصا ودمر المنازل. وبحث رجال الإنقاذ من فيريك عن ناجين."),
        ("مقتل ٢١٤ شخصا في زلزال تالمورا", "قتل ٢١٤ شخصا على الأقل عندما دمر زلزال المنازل في مدينة تالمورا. رجال الإنقاذ من فيريك يبحثون عن ناجين."),
        ("البرلمان يقر ضريبة السكر", "أقر البرلمان في أوسترافا ضريبة السكر بنسبة 35 في المئة. وأشادت الوزيرة لينا هاركوف بالتصويت."),
        ("إقرار ضريبة السكر بنسبة ٣٥ في المئة", "صوت البرلمان في أوسترافا على ضريبة السكر بنسبة ٣٥ في المئة. الوزيرة لينا هاركوف تحدثت عن نجاح."),
    ),
    "zh": (
        ("塔尔莫拉发生6.8级地震214人遇难", "塔尔莫拉发生6.8级地震，房屋倒塌，造成214人遇难。来自维里克的救援人员在搜寻幸存者。"),
        ("塔尔莫拉地震已致214人死亡", "塔尔莫拉地震造成至少214人遇难，许多房屋倒塌。维里克的救援人员继续搜寻幸存者。"),
        ("议会通过糖税", "奥斯特拉瓦议会通过了35%的糖税。财政部长哈尔科娃赞扬了投票结果。"),
        ("议会批准35%糖税", "糖税即将实施：奥斯特拉瓦议会投票通过35%的税率。财政部长哈尔科娃称这是成功。"),
    ),
    "ja": (
        ("タルモラでマグニチュード6.8の地震、214人死亡", "タルモラでマグニチュード6.8の地震があり、家屋が倒壊して214人が死亡した。ベリックの救助隊が生存者を捜索した。"),
        ("タルモラ地震の死者は214人に", "タルモラの地震で家屋が倒壊し、少なくとも２１４人が死亡した。ベリックの救助隊は生存者の捜索を続けている。"),
        ("議会が砂糖税を可決", "オストラバの議会は35%の砂糖税を可決した。ハルコワ財務相は採決を称賛した。"),
        ("35%の砂糖税が成立", "砂糖税が導入される。オストラバの議会は35%の税率を可決した。ハルコワ財務相は成功だと述べた。"),
    ),
}  # fmt: skip
LANGUAGES = sorted(NEWS)


def write_news(*languages: str) -> list[StoryArticle]:
    return [
        StoryArticle(
            article_id=ArticleId(f"{language}-{number}"),
            headline=headline,
            text=text,
            language=language,
            published_at=DAY + timedelta(hours=number),
        )
        for language in languages
        for number, (headline, text) in enumerate(NEWS[language])
    ]


def cluster_news(articles: list[StoryArticle]) -> set[frozenset[str]]:
    vectors = HashingEncoder().encode([f"{one.headline}\n{one.text}" for one in articles])
    links = score_links(articles, vectors)
    groups = cluster_articles([one.article_id for one in articles], links)
    return {frozenset(map(str, group)) for group in groups}


@pytest.mark.heavy
@pytest.mark.parametrize("language", LANGUAGES)
def test_two_accounts_of_one_happening_join_and_two_happenings_part(language: str) -> None:
    assert cluster_news(write_news(language)) == {
        frozenset({f"{language}-0", f"{language}-1"}),
        frozenset({f"{language}-2", f"{language}-3"}),
    }


def test_languages_together_join_no_two_happenings() -> None:
    """Accounts of one happening may join across languages: names and figures are the same."""
    home = {
        article: place
        for place, group in enumerate(cluster_news(write_news(*LANGUAGES)))
        for article in group
    }
    for language in LANGUAGES:
        quake, quake_again, tax, tax_again = (home[f"{language}-{number}"] for number in range(4))
        assert quake == quake_again
        assert tax == tax_again
    quakes, taxes = ({home[f"{one}-{n}"] for one in LANGUAGES} for n in (0, 2))
    assert not quakes & taxes


@pytest.mark.parametrize(
    ("language", "rare"),
    [
        ("de", "talmora"),
        ("es", "talmora"),
        ("ru", "тальморе"),
        ("ar", "تالمورا"),
        ("zh", "莫拉"),
        ("ja", "モラ"),
    ],
)
def test_the_place_is_a_rare_word_and_weighs_most(language: str, rare: str) -> None:
    table = weigh_terms(write_news(language)[:1])
    place = list(table.words).index(rare)
    assert table.is_rare[place]
    row = table.weights.toarray()[0]
    assert row[place] >= 0.5 * row.max()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", {"Lena Harkov", "Ostrava"}),
        ("de", {"Lena Harkov", "Ostrava"}),
        ("es", {"Lena Harkov", "Ostrava"}),
        ("ru", {"Лена Харкова", "Остраве"}),
        ("ar", {"هاركوف"}),
        ("zh", {"糖税"}),
        ("ja", {"コワ"}),
    ],
)
def test_names_are_found_in_each_script(language: str, names: set[str]) -> None:
    texts = [f"{headline}\n{text}" for headline, text in NEWS[language][2:]]
    found = characteristic_names(texts, language, limit=40)
    assert all(any(name in one for one in found) for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_read_in_the_digits_of_each_script(language: str) -> None:
    texts = [f"{headline}\n{text}" for headline, text in NEWS[language][:2]]
    assert characteristic_numbers(texts)[0] == "214"
    (_, first), (_, second) = NEWS[language][:2]
    assert "214" in find_figures("", first) & find_figures("", second)


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_apart_keep_a_repeated_happening_apart(language: str) -> None:
    first = write_news(language)[0]
    dates = [None, DAY + timedelta(days=9)]
    near, far = (
        score_links(
            [first, other],
            HashingEncoder().encode([first.text, other.text]),
        )
        for at in dates
        for other in [
            StoryArticle(
                article_id=ArticleId("other"),
                headline=NEWS[language][1][0],
                text=NEWS[language][1][1],
                language=language,
                published_at=at,
            )
        ]
    )
    assert near[0].time_penalty == 0.0
    assert not far or far[0].time_penalty > 0.2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_thread_is_described_in_its_own_language(language: str) -> None:
    articles = write_news(language)[:2]
    vectors = HashingEncoder().encode([one.text for one in articles])
    headlines = {one.article_id: one.headline for one in articles}
    clusters, _ = inherit_identity([], [[*headlines]], headlines=headlines)
    (thread,), _ = thread_articles(clusters, articles, score_links(articles, vectors))
    assert thread.title in headlines.values()
    assert "214" in thread.numbers
    assert thread.names
