import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.making import PROSE, kinds_of, make_source, parse
from wirethread.articles.opening import compose_opening
from wirethread.articles.parsing.parse import MAX_TEXT, UNKNOWN_OUTLET, parse_article
from wirethread.articles.spans import MAX_PARAGRAPH, split_paragraphs, split_sentences
from wirethread.articles.types.articles import ParsedArticle, RejectedArticle

OTHER = "Fishermen who had used the light for decades welcomed the vote, and offered to help with boats."

PAGE = f"""{PROSE}
Council saves the lighthouse
The lighthouse at dusk, seen from the pier, on May 3, 2023. Jane Doe/ Sputnik/ AFP via Getty Images
Updated:
0:00

{PROSE}

Advertisement

{OTHER}

What the engineers found

The report lists “eleven cracks” in the gallery, Mr. Roe told the Gazette.

A worker inspects the gallery in the harbour on May 4, 2023. (KCNA via Reuters)
A worker inspects the gallery in the harbour on May 4, 2023. KCNA via Reuters

Sign up for our newsletter and get the harbour news in your inbox.

Read more: Ten lighthouses that fell into the sea

The work is to begin in October, and to cost two million crowns.

Follow Jane Doe on Twitter @janedoe

Ann Poe, John Roe, and Reuters contributed to this report."""


def test_a_saved_page_gives_only_its_news_as_body():
    assert [kind for kind, _ in kinds_of(parse(PAGE))] == [
        "body", "furniture", "caption", "furniture", "furniture", "furniture", "furniture", "body",
        "heading", "body", "caption", "caption", "furniture", "furniture", "body", "furniture", "credit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "ADVERTISEMENT", "Story continues below", "Story Continued Below", "Share on Facebook", "Facebook Twitter Email",
        "Publicité", "Anzeige", "Publicidad", "Pubblicità", "Leia também", "Реклама", "広告",
        "Updated at 10:35 a.m. ET", "Last updated: May 5, 2023, 10:32 GMT", "0:00 / 1:23", "5 min read", "May 5, 2023",
        "5. Mai 2023, 14:30 Uhr", "Publié le 5 mai 2023 à 14:30", "Actualizado: 5 de mayo de 2023", "2023-05-05",
        "Read more: The tower that leans", "Lire aussi : La tour qui penche", "Lesen Sie auch: Der schiefe Turm",
        "Lea también: La torre", "Leggi anche: La torre", "More:Poll shows harbour ahead", "Related: The tower",
        "https://example.org/tower", "* * *", "___", "Slideshow (4 Images)", "Can't see the video? Click here.",
        "Sign up for our free newsletter to get the best stories in your inbox.",
        "Abonnieren Sie unseren Newsletter, der Newsletter ist kostenlos.".replace("Abonnieren Sie", "Newsletter abonnieren:"),
        "Copyright © 2023 Harbour Gazette. All rights reserved.", "© 2023 Harbour Gazette",
        "The views expressed in this column are the author's own.", "Follow Jane on Twitter @jane",
        "jane@example.org", "Send letters to letters@example.org.",
        "Jane Doe is a staff writer covering the sea. Follow her on Twitter @jane.",
    ],
)  # fmt: skip
def test_page_lines_are_furniture(line):
    assert kinds_of(parse(f"{PROSE}\n\n{line}\n\n{OTHER}"))[1] == ("furniture", line)


@pytest.mark.parametrize(
    "line",
    [
        "He said no.",
        "“We need to support the people making a living,” the mayor told the Gazette. “Donate,” he added.",
        "3 images of the crash were released by the police on Tuesday, and more will follow this week.",
        "Graphic images of the attack circulated on Monday before they were taken down by the site.",
        "Screenshots of the messages show that the two men had met before the vote.",
        "Like the accord of 1994, the terms of the new deal were kept secret until the day of the vote.",
        "If you follow the money, the prosecutor said in his closing words, you arrive at the harbour office.",
        "The group receives support from the harbour council, the court was told on Monday.",
        "Shr 77 cts vs 37 cts",
        "The ministers' comments do not reflect the views of the department, a spokesman said.",
        "The president announced the trade agreement on Monday, the minister said via Twitter.",
        "The company sells photographs through an agency named after its founder, Jane Doe.",
        "“The newsletter was my idea,” she said. “People sign up for it every day.”",
        "Subscribers of the newspaper fell by a third in two years, the publisher said on Monday.",
        "Los suscriptores del diario cayeron un tercio en dos años, dijo el editor el lunes.",
        "About the author of the letter nothing is known, the police said after three days of search.",
    ],
)
def test_news_sentences_stay_body(line):
    assert kinds_of(parse(f"{PROSE}\n\n{line}\n\n{OTHER}"))[1] == ("body", line)


@pytest.mark.parametrize(
    "line",
    [
        "A boat on the river, May 3, 2023. (AP Photo/Jane Doe, File)",
        "A boat on the river on Monday. Jane Doe/Reuters",
        "Ein Boot auf dem Fluss. (Foto: Jane Doe)",
        "Enlarge this image toggle caption Jane Doe/AP Jane Doe/AP",
        "Image copyright EPA Image caption A boat on the river",
        "FILE - In this May 3, 2023, file photo, a boat passes. (Jane Doe/The Gazette via AP)",
        "(Jane Doe/Reuters)",
        "Getty Images",
        "Photograph: Jane Doe/AFP/Getty Images",
        "Jane Doe/The Harbour Journal/AP A boat passes the harbour on Monday morning, before the vote.",
        "Bild: Jane Doe / dpa",
    ],
)
def test_captions_and_photo_credits_are_captions(line):
    assert kinds_of(parse(f"{PROSE}\n\n{line}\n\n{OTHER}"))[1] == ("caption", line)


@pytest.mark.parametrize(
    "line",
    [
        "Ann Poe contributed to this report.", "With files from Reuters", "Contributing: Ann Poe", "Avec AFP",
        "Mit Material von dpa", "Con información de EFE", "Com informações da Reuters", "— Reuters", "(ANSA)",
        "(Reporting by Ann Poe in Oslo; Additional reporting by John Roe; Editing by Jane Doe)",
        "— With assistance by Ann Poe and John Roe",
    ],
)  # fmt: skip
def test_credit_lines_are_credits(line):
    assert kinds_of(parse(f"{PROSE}\n\n{OTHER}\n\n{line}"))[-1] == ("credit", line)


def test_a_credit_at_the_end_of_a_paragraph_is_cut_off_from_the_news():
    parsed = parse(f"{OTHER} The Associated Press contributed to this report.")
    assert kinds_of(parsed) == [
        ("body", OTHER), ("credit", "The Associated Press contributed to this report."),
    ]  # fmt: skip


def test_a_deck_that_a_later_paragraph_repeats_with_more_words_is_furniture():
    parsed = parse(f"{PROSE[:90]}…\n\n{OTHER}\n\n{PROSE}")
    assert [kind for kind, _ in kinds_of(parsed)] == ["furniture", "body", "body"]


def test_byline_dateline_and_language_are_read():
    parsed = parse(f"By JANE DOE and John Roe\n\nOSLO, Jan 5 (Reuters) - {PROSE} {OTHER}")
    assert parsed.article.byline == "JANE DOE and John Roe"
    assert parsed.article.dateline == "OSLO, Jan 5 (Reuters)"
    assert parsed.article.language == "en"
    assert kinds_of(parsed)[0][0] == "credit"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "Der Hafenrat beschloss am Montag, den alten Leuchtturm noch vor dem Winter zu reparieren, weil er sonst ins Meer fiele."),
        ("fr", "Le conseil du port a décidé lundi de réparer le vieux phare avant l'hiver, parce qu'il risquait de tomber dans la mer."),
        ("es", "El consejo del puerto decidió el lunes reparar el viejo faro antes del invierno, porque corría el riesgo de caer al mar."),
        ("ja", "港湾評議会は月曜日、古い灯台を冬の前に修理することを決めた。専門家が崩落の危険を警告していた。"),
        ("ru", "Портовый совет решил в понедельник отремонтировать старый маяк до зимы, потому что он мог упасть в море."),
    ],
)  # fmt: skip
def test_the_language_is_told_from_the_words(code, text):
    assert parse(text, "Titel").article.language == code


def test_a_short_text_has_the_language_its_source_declares_or_none():
    assert parse("Ja.", "Nein", language="de-AT").article.language == "de"
    assert parse("Ja.", "Nein").article.language is None


def test_a_text_without_newlines_is_divided_at_sentence_ends():
    text = " ".join([PROSE, OTHER] * 40)
    parsed = parse(text)
    assert len(parsed.paragraphs) > 4
    assert all(len(p.text) <= MAX_PARAGRAPH and p.text.endswith(".") for p in parsed.paragraphs)
    assert " ".join(p.text for p in parsed.paragraphs) == text


def test_lines_wrapped_at_a_fixed_width_are_one_paragraph():
    wrapped = (
        "The harbour council voted on Monday to repair the old lighthouse\n"
        "before winter, after three engineers had warned that its upper\n"
        "gallery could fall into the sea.\n\nFishermen welcomed the vote."
    )
    assert [wrapped[begin:end].count("\n") for begin, end in split_paragraphs(wrapped)] == [2, 0]


def test_initials_titles_and_months_end_no_sentence():
    text = "Mr. Roe met John F. Doe on Jan. 5 in the U.S. It rained. Nobody came! Who knew?"
    assert [text[begin:end] for begin, end in split_sentences(text)] == [
        "Mr. Roe met John F. Doe on Jan. 5 in the U.S. It rained.", "Nobody came!", "Who knew?",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        ("", PROSE, "it has no title"),
        ("Title", " \n ", "it has no text"),
        ("Title", "1234 --- 5678", "its text has no letters"),
        (
            "Title",
            "a" * (MAX_TEXT + 1),
            "its text has 1,000,001 characters; at most 1,000,000 are read",
        ),
    ],
)
def test_an_article_without_title_or_text_is_rejected(title, text, reason):
    rejected = parse_article(make_source(text, title))
    assert rejected == RejectedArticle(source="test:1", source_id=None, reason=reason)


def test_an_article_keeps_its_id_and_another_version_has_another():
    first = parse(PROSE).article.article_id
    assert parse(PROSE, source="elsewhere:9").article.article_id == first
    assert parse(PROSE + " More.").article.article_id != first
    assert parse(PROSE, outlet="Harbour Mirror").article.article_id != first
    assert parse(PROSE, url="https://example.org/2").article.article_id != first
    assert len(first) == 20


def test_an_unnamed_outlet_is_called_unknown():
    assert parse(PROSE, outlet=None).article.outlet == UNKNOWN_OUTLET == "unknown"


def test_the_opening_is_the_headline_and_the_first_words_of_the_body():
    parsed = parse(PAGE)
    opening = compose_opening(parsed.article.headline, parsed.paragraphs, n_words=8)
    assert opening == "Council saves the lighthouse. The harbour council voted on Monday to repair"
    assert (
        len(compose_opening("題", parse("東" * 900, "題").paragraphs, n_words=10))
        == len("題. ") + 10 * 6 + 9
    )


LINES = st.sampled_from(
    ["Advertisement", PROSE, OTHER, "By Jane Doe", "(Reuters)", "© 2023 AFP", "Getty Images", "- a list", "", " ",
     "WASHINGTON (AP) - x", "AP", "Mit Material von dpa", "東京（共同）"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=400), st.lists(st.one_of(LINES, st.text(max_size=60))).map("\n".join)
    ),
    st.text(max_size=40),
)
def test_any_text_is_parsed_or_rejected_and_paragraphs_are_slices_of_it(text, title):
    parsed = parse_article(make_source(text, title))
    if isinstance(parsed, RejectedArticle):
        assert parsed.reason
        return
    assert isinstance(parsed, ParsedArticle)
    assert parsed.article.text == text
    place = 0
    for position, paragraph in enumerate(parsed.paragraphs):
        assert paragraph.position == position
        assert (
            paragraph.text == text[paragraph.begin : paragraph.end] == paragraph.text.strip() != ""
        )
        assert (
            text[place : paragraph.begin]
            .strip("\ufeff\u200b \n\r\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0")
            .strip()
            == ""
        )
        place = paragraph.end
    assert text[place:].strip("\ufeff\u200b \n").strip() == ""
    for credit in parsed.credits:
        assert credit.begin == -1 or text[credit.begin : credit.end] == credit.evidence
