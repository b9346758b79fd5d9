import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.making import PROSE, credits_of, parse
from wirethread.articles.credits.shared import (
    is_agencys_writers_line,
    is_shared_byline,
    is_shared_dateline,
)

SOURCE, CONTRIBUTOR, PHOTO, HANDOUT = "source", "contributor", "photo", "handout"


def text_credits(text, **fields):
    return [(agency, role, rule) for agency, role, rule, _ in credits_of(parse(text, **fields))]


@pytest.mark.parametrize(
    ("dateline", "agency", "role"),
    [
        ("PARIS (AFP) - ", "AFP", SOURCE),
        ("LONDON, Jan 5 (Reuters) - ", "Reuters", SOURCE),
        ("WASHINGTON (AP) — ", "AP", SOURCE),
        ("(Reuters) - ", "Reuters", SOURCE),
        ("PARKLAND/TALLAHASSEE, Fla. (Reuters) - ", "Reuters", SOURCE),
        ("U.S. PACIFIC COMMAND HEADQUARTERS, Hawaii (Reuters) - ", "Reuters", SOURCE),
        ("Oct. 17 (Bloomberg) -- ", "Bloomberg", SOURCE),
        ("Berlin (dpa/lsw) - ", "dpa", SOURCE),
        ("Wien (APA) - ", "APA", SOURCE),
        ("Madrid, 5 ene (EFE).- ", "EFE", SOURCE),
        ("Madrid, 5 Ene. (EUROPA PRESS) - ", "Europa Press", SOURCE),
        ("(ANSA) - ROMA, 5 GEN - ", "ANSA", SOURCE),
        ("Paris, 5 janv. (AFP) - ", "AFP", SOURCE),
        ("São Paulo (Reuters) - ", "Reuters", SOURCE),
        ("Lisboa, 05 jan 2023 (Lusa) - ", "Lusa", SOURCE),
        ("KARACHI, Sept. 9 (ANI): ", "ANI", SOURCE),
        ("SEOUL, Dec. 12 (Yonhap) -- ", "Yonhap", SOURCE),
        ("OSLO (NTB) - ", "NTB", SOURCE),
        ("МОСКВА, 5 января. /ТАСС/. ", "TASS", SOURCE),
        ("МОСКВА, 5 янв – РИА Новости. ", "RIA Novosti", SOURCE),
        ("【ワシントン共同】", "Kyodo", SOURCE),
        ("新华社北京1月5日电 ", "Xinhua", SOURCE),
        ("(서울=연합뉴스) ", "Yonhap", SOURCE),
        ("القاهرة (أ ف ب) - ", "AFP", SOURCE),
        ("NEW YORK, Jan. 5, 2023 /PRNewswire/ -- ", "PR Newswire", HANDOUT),
        ("NEW YORK--(BUSINESS WIRE)--", "Business Wire", HANDOUT),
    ],
)
def test_a_dateline_names_the_agency_that_supplied_the_text(dateline, agency, role):
    ((found, found_role, rule, evidence),) = credits_of(parse(dateline + PROSE))
    assert (found, found_role, rule) == (agency, role, "dateline")
    assert evidence in dateline


@pytest.mark.parametrize(
    ("line", "agencies"),
    [
        ("Emel Poe, Andrew Roe, and Reuters contributed to this report.", ["Reuters"]),
        ("The Associated Press contributed.", ["AP"]),
        ("Reuters and Harbour News' Ann Poe contributed to this story.", ["Reuters"]),
        ("The Associated Press and Reuters contributed to this report", ["AP", "Reuters"]),
        ("AP writers Ann Poe in Oslo and John Roe in Bergen contributed to this report.", ["AP"]),
        ("Ann Poe contributed to this report, along with The Associated Press.", ["AP"]),
        ("Contributing: Ann Poe, The Gazette; The Associated Press", ["AP"]),
        ("With files from The Canadian Press and Bloomberg", ["Canadian Press", "Bloomberg"]),
        ("With reporting by Reuters", ["Reuters"]),
        ("Additional reporting by Bloomberg News.", ["Bloomberg"]),
        ("Includes material from Reuters.", ["Reuters"]),
        ("This story includes information from The Associated Press.", ["AP"]),
        ("Material from The Associated Press was used in this report.", ["AP"]),
        ("Information from AFP was used in this article.", ["AFP"]),
        ("Staff reports and Reuters contributed to this story.", ["Reuters"]),
        ("(With inputs from ANI)", ["ANI"]),
        ("With AFP", ["AFP"]),
        ("— AFP", ["AFP"]),
        ("Mit Material von dpa", ["dpa"]),
        ("Mit Informationen von Reuters und AFP", ["Reuters", "AFP"]),
        ("kle/uh (dpa, afp, rtr)", ["dpa", "AFP", "Reuters"]),
        ("Avec AFP", ["AFP"]),
        ("Le Monde avec AFP et Reuters", ["AFP", "Reuters"]),
        ("Con información de EFE", ["EFE"]),
        ("(Con información de AP y Reuters)", ["AP", "Reuters"]),
        ("Con informazioni di Reuters", ["Reuters"]),
        ("Com informações da Reuters", ["Reuters"]),
        ("*Com informações da Agência Brasil", ["Agência Brasil"]),
    ],
)
def test_a_contributor_line_credits_each_agency_in_it(line, agencies):
    found = credits_of(parse(f"{PROSE}\n\n{line}"))
    assert sorted(agency for agency, *_ in found) == sorted(agencies)
    assert {(role, evidence) for _, role, _, evidence in found} == {(CONTRIBUTOR, line)}


@pytest.mark.parametrize(
    ("line", "agency", "rule"),
    [
        ("© 2023 AFP", "AFP", "copyright_line"),
        ("(c) 2023 AFP", "AFP", "copyright_line"),
        ("Copyright 2018 The Associated Press.", "AP", "copyright_line"),
        ("RIPRODUZIONE RISERVATA © Copyright ANSA", "ANSA", "copyright_line"),
        ("Source: Reuters", "Reuters", "source_line"),
        ("Quelle: dpa", "dpa", "source_line"),
        ("Fuente: EFE", "EFE", "source_line"),
        ("Fonte: ANSA", "ANSA", "source_line"),
        ("This report was supplied by Reuters.", "Reuters", "source_line"),
        ("This story was originally published by The Associated Press.", "AP", "source_line"),
        ("(ANI)", "ANI", "signature"),
        ("Por Reuters", "Reuters", "byline"),
    ],
)
def test_a_line_at_the_end_that_names_the_supplier_is_a_source_credit(line, agency, rule):
    assert credits_of(parse(f"{PROSE}\n\n{line}")) == [(agency, SOURCE, rule, line)]


@pytest.mark.parametrize("tail", ["(Belga)", "(ANSA).", "(dpa/lw)", "EFE", "(PTI)"])
def test_an_agency_after_the_last_sentence_is_a_signature(tail):
    ((_, role, rule, evidence),) = credits_of(parse(f"{PROSE} {tail}"))
    assert (role, rule, evidence) == (SOURCE, "signature", tail)


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("By JANE DOE, Associated Press", "AP"), ("By The Associated Press", "AP"), ("By Jeff Roe | Reuters", "Reuters"),
        ("Reuters Staff", "Reuters"), ("Von Anna Poe, dpa", "dpa"), ("Por Agencia EFE", "EFE"), ("EFE", "EFE"),
        ("Da Agência Brasil", "Agência Brasil"), ("Associated Press", "AP"), ("Karin Poe and Aron Roe, The Associated Press", "AP"),
    ],
)  # fmt: skip
def test_a_byline_names_the_agency(line, agency):
    parsed = parse(f"{line}\n\n{PROSE}")
    assert credits_of(parsed) == [(agency, SOURCE, "byline", line)]
    assert parsed.paragraphs[0].kind == "credit"


@pytest.mark.parametrize(
    "sentence",
    [
        "Reuters cut 50 jobs on Monday, and the Associated Press said that it would follow.",
        "The minister told Reuters that talks would resume.",
        "TASS reported the attack on Monday, according to AFP.",
        "A Reuters/Ipsos poll found that 52 percent agreed; an AP-NORC poll found fewer.",
        "His daughter took AP classes, and Dpa Sharma taught them.",
        "Michael Bloomberg contributed to this campaign.",
        "Bloomberg contributed $500 million to the race.",
        "The article draws from the reporting of outlets including Bloomberg News.",
        "Sen. Pat Roe (PA) and the Environmental Protection Agency (EPA) disagree.",
        "The report of the Associated Press includes an interview that he had given.",
        "Americans for Prosperity (AFP) contributed money to the campaign that was run for her.",
        "In an interview with Reuters, she said that her party would vote against it.",
    ],
)
def test_naming_an_agency_in_a_sentence_is_no_credit(sentence):
    assert text_credits(f"{PROSE}\n\n{sentence}\n\n{PROSE[::-1].capitalize()}.") == []


def test_a_house_dateline_is_no_wire_credit():
    parsed = parse(f"WASHINGTON (CNN) - {PROSE}")
    assert credits_of(parsed) == []
    assert parsed.article.dateline == "WASHINGTON (CNN)"


def test_photo_credits_are_kept_with_their_own_role():
    text = (
        f"{PROSE}\n\nA boat on the river, May 3, 2023. (KCNA via Reuters)\n\n"
        f"A boat on the sea on Monday. Jane Doe/ Sputnik/ AFP via Getty Images\n\n{PROSE} It rained.\n\n"
        "Ann Poe and Reuters contributed to this report."
    )
    found = credits_of(parse(text))
    assert {(agency, evidence) for agency, role, _, evidence in found if role == PHOTO} == {
        ("KCNA", "(KCNA via Reuters)"),
        ("Reuters", "(KCNA via Reuters)"),
        ("Sputnik", "Jane Doe/ Sputnik/ AFP via Getty Images"),
        ("AFP", "Jane Doe/ Sputnik/ AFP via Getty Images"),
        ("Getty Images", "Jane Doe/ Sputnik/ AFP via Getty Images"),
    }
    assert [entry for entry in found if entry[1] != PHOTO] == [
        (
            "Reuters",
            CONTRIBUTOR,
            "contributor_line",
            "Ann Poe and Reuters contributed to this report.",
        )
    ]


def test_an_agencys_own_sign_off_is_a_source_credit():
    text = f"WASHINGTON (AP) — {PROSE}\n\n___\n\nAssociated Press writer Ann Poe contributed to this report."
    assert text_credits(text) == [("AP", SOURCE, "dateline"), ("AP", SOURCE, "contributor_line")]


def test_a_byline_shared_with_the_agency_leaves_its_contributor_line_one():
    text = f"By Ann Poe and Reuters\n\n{PROSE}\n\nReuters contributed to this report."
    assert text_credits(text) == [
        ("Reuters", CONTRIBUTOR, "byline"), ("Reuters", CONTRIBUTOR, "contributor_line"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "byline",
    [
        "By Ann Poe and Reuters", "Ann Poe with Reuters", "Courier staff and the Associated Press", "By AFP and Ann Poe",
        "Von Ann Poe und dpa", "Ann Poe & Reuters", "By Ann Poe, Strait Times, and Reuters", "Redaktion/dpa",
        "Ann Poe; Reuters", "Reuters, Ann Poe", "By Reuters with Ann Poe",
    ],
)  # fmt: skip
def test_a_shared_byline_is_a_contribution(byline):
    assert is_shared_byline(byline, outlet="The Strait Times", is_field=True)


@pytest.mark.parametrize(
    "byline",
    [
        "By Reuters", "Reuters Staff", "By The Associated Press | Jan 5, 2018", "Ann Poe, Associated Press",
        "By ANN POE and JOHN ROE, Associated Press", "Ann Poe | AFP", "By AP Business Writer Ann Poe", "AP and Reuters",
        "Ann Poe/AP", "By Reuters, London", "Ann Poe",
    ],
)  # fmt: skip
def test_a_byline_of_the_agency_and_its_own_reporters_is_not_shared(byline):
    assert not is_shared_byline(byline, outlet="The Strait Times", is_field=True)


@pytest.mark.parametrize(
    ("dateline", "is_shared"),
    [
        ("KELL (AP)", False), ("KELL (Strait Times/AP)", True), ("BERLIN (dpa/lno)", False), ("KELL (Reuters, AFP)", False),
        ("BERLIN (SPIEGEL/dpa)", True), ("KELL, Nov 3 (Reuters)", False),
    ],
)  # fmt: skip
def test_a_dateline_with_a_paper_beside_the_agency_is_shared(dateline, is_shared):
    assert is_shared_dateline(dateline) is is_shared


def test_a_line_of_the_agencys_own_writers_names_nobody_else():
    assert is_agencys_writers_line(
        "Associated Press writers Ann Poe in Velm and Jo Roe in Kell contributed to this report."
    )
    assert is_agencys_writers_line("AP Business Writer Ann Poe contributed.")
    for shared in (
        "Ann Poe and Reuters contributed to this report.",
        "AP writer Ann Poe and Courier reporter Jo Roe contributed to this report.",
        "The Associated Press contributed to this report.",
    ):
        assert not is_agencys_writers_line(shared)


def test_a_bare_abbreviation_as_the_last_line_is_a_signature():
    text = f"{PROSE}\n\nAFP\n\nFollow the Strait Times on your phone: get our free app."
    assert text_credits(text) == [("AFP", SOURCE, "signature")]
    prose = " ".join([PROSE] * 3)
    assert text_credits(f"{prose}\n\nAFP\n\n{prose} It rained.") == []


def test_reporting_and_editing_lines_are_reuters_only_where_the_article_is():
    sign_off = "(Reporting by Ann Poe in Oslo; Editing by John Roe)"
    assert text_credits(f"{PROSE}\n\n{sign_off}") == []
    assert text_credits(f"OSLO (Reuters) - {PROSE}\n\n{sign_off}") == [
        ("Reuters", SOURCE, "dateline"), ("Reuters", SOURCE, "sign_off"),
    ]  # fmt: skip


def test_the_outlet_itself_may_be_the_agency():
    assert text_credits(PROSE, outlet="Reuters") == [("Reuters", SOURCE, "outlet")]
    assert text_credits(PROSE, outlet="x", url="https://apnews.com/1") == [("AP", SOURCE, "outlet")]


def test_structured_fields_give_credits_without_a_place_in_the_text():
    declared = {
        "sourceOrganization": "Reuters", "creditText": "With files from AFP", "authors": "Jane Doe; Associated Press",
        "associations": "Jane/Getty Images; dpa", "distributor.handout": "Business Wire", "source": "https://example.org",
        "infosources.photo": "EPA", "provider": "Jane Doe of the Reuters Institute",
    }  # fmt: skip
    assert sorted(credits_of(parse(PROSE, declared_credits=declared))) == sorted(
        [
            ("AP", CONTRIBUTOR, "byline", "Jane Doe; Associated Press"),
            ("Reuters", SOURCE, "sourceOrganization", "Reuters"),
            ("AFP", CONTRIBUTOR, "creditText", "With files from AFP"),
            ("Getty Images", PHOTO, "associations", "Jane/Getty Images; dpa"),
            ("dpa", PHOTO, "associations", "Jane/Getty Images; dpa"),
            ("Business Wire", HANDOUT, "distributor.handout", "Business Wire"),
            ("EPA", PHOTO, "infosources.photo", "EPA"),
        ]
    )


def test_an_article_may_carry_copy_of_two_agencies():
    text = f"PARIS (AFP) - {PROSE}\n\nOSLO (Reuters) - {PROSE} It rained."
    assert text_credits(text) == [("AFP", SOURCE, "dateline"), ("Reuters", SOURCE, "dateline")]


PIECES = st.sampled_from(
    ["Reuters", "AP", "AFP", " (", ")", " - ", "/", ", ", "Jane Doe", " contributed to this report.", "With files from ",
     "Avec ", "Mit Material von ", "© 2023 ", "\n\n", "By ", " and ", "Getty Images", "Contributing: ", "Source: ", "PARIS",
     " told ", ". ", "Photo: ", " via ", "—", "a" * 200, "A b " * 60, "(dpa, afp)", "路透社", "\ue000\ue001"]
)  # fmt: skip


@settings(max_examples=300, deadline=2000)
@given(st.lists(PIECES, min_size=1, max_size=40).map("".join))
def test_any_mixture_of_conventions_is_read_quickly_and_evidence_stands_in_the_text(text):
    credits_of(parse("x" + text))


def test_the_labels_hold_places_and_roles_and_no_text():
    path = Path(__file__).with_name("credit_labels.jsonl")
    labels = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(set(label) == {"id", "begin", "end", "agency", "role"} for label in labels)
    assert sum(label["role"] in ("source", "contributor") for label in labels) >= 200
    assert sum(label["role"] in ("none", "photo") for label in labels) >= 200


@pytest.mark.heavy
@pytest.mark.parametrize(
    "unit", ["A.", "AA", "Aa ", "A-", "AP/", "By A. ", "Aa, ", "and ", "(AP) ", "© ", "1:0 "]
)
@pytest.mark.parametrize("tail", [" AP", " 5z!", " Reuters 5x"])
@pytest.mark.parametrize("head", ["", "By ", "PARIS (AFP) - "])
def test_lines_made_to_confuse_the_patterns_take_no_time(head, unit, tail):
    for size in (130, 1900, 20_000):
        begun = time.process_time()
        parse(head + unit * (size // len(unit)) + tail)
        assert time.process_time() - begun < 2


def test_an_author_field_that_lists_the_whole_page_credits_nobody() -> None:
    names = "Tilda Marsh, Odo Brannigan, Associated Press, Courier Staff, Jon Vale, Mia Ott"
    assert credits_of(parse(PROSE, declared_credits={"authors": names})) == []
    named = credits_of(parse(PROSE, declared_credits={"authors": "Jon Vale, Associated Press"}))
    assert [one[0] for one in named] == ["AP"]


@pytest.mark.parametrize(
    ("text", "agency", "rule"),
    [
        (f"{PROSE} -- PTI", "PTI", "signature"),
        (f"{PROSE} --- AFP", "AFP", "signature"),
        (f"KOLM dpa | {PROSE}", "dpa", "dateline"),
        (f"KOLM, VELM AFP | {PROSE}", "AFP", "dateline"),
        (f"القاهرة - أ ش أ: {PROSE}", "MENA", "dateline"),
        (
            f"मुंबई, 4 मार्च (भाषा) नगर परिषद ने सोमवार को पुराने प्रकाश स्तंभ की मरम्मत का फैसला किया। {PROSE}",
            "PTI",
            "dateline",
        ),
        (f"(서울=뉴스1) 김하나 기자 = {PROSE}", "News1", "dateline"),
        (f"Kolm (TT)\n\n{PROSE}", "TT", "dateline"),
        (f"{PROSE}\n\nred/dpa", "dpa", "signature"),
        (f"{PROSE}\n\nkle/afp/dpa", "dpa", "signature"),
        ("Rada opravila maják.\n\nStálo to moc.\n\n(PAP)\n\nako/ mark/", "PAP", "signature"),
        (
            f"{PROSE}\n\nThis story by The Canadian Press was first published March 4, 2024.",
            "Canadian Press",
            "source_line",
        ),
        (f"{PROSE}\n\nThis is a Reuters story.", "Reuters", "source_line"),
        (
            f"{PROSE}\n\nOur Standards: The Thomson Reuters Trust Principles.",
            "Reuters",
            "source_line",
        ),
        (f"{PROSE}\n\nDieser Bericht stammt von der Agentur Reuters.", "Reuters", "source_line"),
        (
            f"{PROSE}\n\nHinweis: Dieser Beitrag ist Teil des automatischen AFP-Feeds.",
            "AFP",
            "source_line",
        ),
        (
            f"{PROSE}\n\nCe reportage de La Presse Canadienne a été publié le 4 mars.",
            "Canadian Press",
            "source_line",
        ),
    ],
)
def test_a_line_that_says_who_wrote_the_text_is_read_in_any_house(text, agency, rule):
    found = {(name, how) for name, role, how in text_credits(text) if role != PHOTO}
    assert (agency, rule) in found


@pytest.mark.parametrize(
    "text",
    [
        f"Reuters: the council has no money. {PROSE}",
        f"{PROSE}\n\nDer Text ist Teil eines Buches über Reuters.",
        f"{PROSE}\n\nThis is a story of AP students.",
    ],
)
def test_a_line_that_tells_of_an_agency_is_none(text):
    assert text_credits(text) == []


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("JON ROE Associated Press", "AP"),
        ("Associated Press writer Jon Roe", "AP"),
        ("Redacción EFE", "EFE"),
        ("Redazione ANSA", "ANSA"),
        ("red, apa", "APA"),
    ],
)
def test_an_agency_beside_a_name_or_a_desk_in_the_author_field_is_credited(author, agency):
    found = credits_of(parse(PROSE, declared_credits={"authors": author}))
    assert [(name, rule) for name, _, rule, _ in found] == [(agency, "byline")]
