"""Lists of links, galleries, players, clocks and paywalls between the paragraphs of a text."""

import pytest

from tests.articles.making import PROSE, kinds_of, parse
from wirethread.articles.parsing.furniture import classify_line
from wirethread.articles.types.articles import ParagraphKind

MORE = (
    "The engineers want to drill eleven holes into the northern pier before anyone may walk on it "
    "again, and the council has set aside four million crowns for what they may find."
)


def kinds_between(*lines):
    text = "\n\n".join((PROSE, *lines, MORE))
    found = {words: kind for kind, words in kinds_of(parse(text))}
    assert found[PROSE] == found[MORE] == "body"
    return [found[line] for line in lines]


def test_a_list_of_other_headlines_is_no_body():
    assert (
        kinds_between(
            "Bells found in gravel pit near Arden",
            "Why the mine at Brisk runs on sun",
            "Lobster fleet may sail early this year",
        )
        == ["furniture"] * 3
    )
    assert kinds_between("Related stories", "Bells found in a gravel pit") == ["furniture"] * 2
    assert (
        kinds_between("Bells Found in Gravel Pit", "Mine at Brisk Runs on Sun") == ["furniture"] * 2
    )


def test_one_heading_above_a_paragraph_stays_a_heading():
    assert kinds_between("What the engineers found in the pier") == ["heading"]


def test_a_list_that_a_paragraph_introduces_stays_body():
    lines = (
        "The council wants three things done before winter, and has asked the province for money:",
        "New stones for the northern pier",
        "A lamp that can be seen from Velm",
        "A keeper who lives in the house",
    )
    assert kinds_between(*lines) == ["body"] * 4


def test_a_paragraph_that_ends_in_a_quotation_stays_body():
    assert kinds_between("The mayor said: “Nobody asked me about the lighthouse.”") == ["body"]
    assert (
        kinds_between("“We never had the money,” she said, “and never will.”", "It rained.")
        == ["body"] * 2
    )


@pytest.mark.parametrize(
    "line",
    [
        "3 minutes ago", "vor 12 Minuten", "il y a 5 heures", "hace 3 minutos", "há 2 horas", "10 minuti fa",
        "3 minuten geleden", "5 мин назад", "18:02 Uhr", "17h10",
        "JUST WATCHED Lighthouse saved Replay More Videos ... MUST WATCH Lighthouse saved 01:24",
        "NOW WATCH: ‘Lighthouse saved at last’", "Related video: Lighthouse saved", "Replay",
        "We use cookies to improve our service.", "Diese Website verwendet Cookies.",
        "Nous utilisons des cookies pour améliorer nos services.",
        "Already a subscriber? Log in here.", "This article is for subscribers only.", "Comments are closed.",
        "Sie sind bereits Abonnent?", "Déjà abonné ? Connectez-vous", "Contenido exclusivo para suscriptores",
        "Subscribe now for 2.95 a week and read all articles on our site.",
        "Das könnte Sie auch interessieren", "3 of 12",
    ],
)  # fmt: skip
def test_a_line_of_the_page_is_furniture(line):
    assert kinds_between(line) == ["furniture"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Cookies were handed out to the 40 volunteers, and nobody went home hungry that night.",
        "The video shows the lamp falling, the police said, and the keeper running to the sea.",
        "Subscribers of the old gazette paid 40 crowns a year, and most of them in herring.",
        "Related families live in both houses, and have not spoken to each other since 1954.",
        "Three minutes later the lamp fell into the sea, and the keeper with it.",
        "It was 18:02 when the lamp fell.",
    ],
)
def test_news_about_such_things_is_body(sentence):
    assert kinds_between(sentence) == ["body"]


def test_the_captions_of_a_gallery_are_captions():
    kinds = kinds_between(
        "1 of 2",
        "Workers carry the old lamp down the stairs of the lighthouse on Monday.",
        "2 of 2",
        "The mayor looks at the sea from the gallery of the lighthouse on Tuesday.",
    )
    assert kinds == ["furniture", "caption", "furniture", "caption"]
    assert kinds_between(
        "Hide Caption 3 of 9 Photos: The lighthouse Workers carry the lamp. Hide Caption 4 of 9"
    ) == ["caption"]


def test_a_word_divided_at_the_end_of_a_line_is_one_word():
    parsed = parse("The council inspec-\nted the lighthouse and its north-\nern pier on Monday.")
    (paragraph,) = parsed.paragraphs
    whole = parse("The council inspected the lighthouse and its northern pier on Monday.")
    assert paragraph.text_hash == whole.paragraphs[0].text_hash


def test_a_last_paragraph_that_an_agency_signs_is_body_and_its_credit_a_source():
    parsed = parse(f"{PROSE}\n\n{MORE} (AP)")
    assert [paragraph.kind for paragraph in parsed.paragraphs] == ["body", "body"]
    assert [(credit.agency, credit.role) for credit in parsed.credits] == [("AP", "source")]
    shown = "The lighthouse is seen from the sea on Monday, with the old lamp still in it. (AP)"
    assert parse(f"{PROSE}\n\n{shown}").paragraphs[1].kind == "caption"


@pytest.mark.parametrize(
    "line",
    [
        "Lue lisää: Majakka säästyi myrskyltä", "Loe ka: Majakas pääses tormist",
        "Taip pat skaitykite: Švyturys atlaikė audrą", "Pročitajte i: Svjetionik je preživio",
        "Preberite tudi: Svetilnik je prestal neurje", "Llegiu també: El far resisteix",
        "Baca juga: Mercusuar selamat dari badai", "Xem thêm: Ngọn hải đăng còn nguyên",
        "Prečítajte si aj: Maják prežil búrku", "Kapcsolódó cikkünk: Állva maradt a torony",
        "Citește și: Farul a rezistat furtunii", "Bu habere de bakın: Fener ayakta kaldı",
        "Les mer: Fyret sto imot stormen", "In case you missed it: the keeper who stayed",
        "You may also like: the keeper who stayed", "Per approfondire: la storia del faro",
    ],
)  # fmt: skip
def test_a_line_that_leads_to_another_article_is_furniture_in_any_language(line: str) -> None:
    assert classify_line(line) is ParagraphKind.FURNITURE


@pytest.mark.parametrize(
    "line",
    [
        "Mehr dazu konnte die Stadt am Montag nicht sagen.",
        "Czytaj uważnie, powiedziała latarniczka.",
        "Vezi că farul e închis, a spus primarul.",
        "Continue reading the old log books, she told her son.",
        "Baca puisi di mercusuar, katanya.",
        "Other details were not disclosed.",
        "Popular legislation stalled.",
    ],
)
def test_a_sentence_that_begins_alike_is_text(line: str) -> None:
    assert classify_line(line) is None
