"""Credits by their form: datelines of many languages, sign-offs, contributor lines in any order."""

import pytest

from tests.articles.making import PROSE, credits_of, parse

SOURCE, CONTRIBUTOR, SYNDICATED = "source", "contributor", "syndicated"


def text_credits(text, **fields):
    return {
        (agency, role) for agency, role, *_ in credits_of(parse(text, **fields)) if role != "photo"
    }


@pytest.mark.parametrize(
    ("dateline", "agency"),
    [
        ("Tampere 3.5. (STT) - ", "STT"),
        ("Tampere, perjantaina (STT) - ", "STT"),
        ("Kaunas, gegužės 3 d. (BNS) - ", "BNS"),
        ("Rīga, 3. maijā, LETA. ", "LETA"),
        ("Szeged, 2027. május 3., hétfő (MTI) - ", "MTI"),
        ("Koper, 3. maja (STA) - ", "STA"),
        ("Rijeka, 3. svibnja (Hina) - ", "Hina"),
        ("Košice 3. mája (TASR) - ", "TASR"),
        ("ЛЬВІВ. 3 травня. (Укрінформ) - ", "Ukrinform"),
        ("Брест, 3 мая /Корр. БЕЛТА/. ", "BelTA"),
        ("ΠΑΤΡΑ, 3 Μαΐου (ΑΠΕ-ΜΠΕ) - ", "ANA-MPA"),
        ("Cluj-Napoca, 3 mai (Agerpres) - ", "Agerpres"),
        ("Đà Nẵng, 3/5 (TTXVN) - ", "VNA"),
        ("Uppsala 3 maj (TT) - ", "TT"),
        ("Odense, 3. maj (Ritzau) - ", "Ritzau"),
        ("İzmir, 3 Mayıs (AA) - ", "Anadolu"),
        ("Oulu [Finland], May 3 (ANI): ", "ANI"),
        ("دبي في 3 مايو/ وام / ", "WAM"),
        ("［大阪　３日　ロイター］ - ", "Reuters"),
        ("[부산=뉴시스]박모 기자 = ", "Newsis"),
        ("（中央社記者林某高雄3日電）", "CNA"),
        ("据新华社广州5月3日电 ", "Xinhua"),
        ("BERGEN (AP) _ ", "AP"),
        ("Одеса. 3 травня. УНІАН. ", "UNIAN"),
        ("АЛМАТЫ. КАЗИНФОРМ - ", "Kazinform"),
        ("Гянджа, 3 мая, АЗЕРТАДЖ ", "Azertac"),
        ("PERTH, May 3 AAP - ", "AAP"),
        ("IAȘI, 3 mai (Agerpres) /Ana Pop/ - ", "Agerpres"),
        ("Pune (Maharashtra) [India], May 3 (ANI): ", "ANI"),
        ("मुंबई, 3 मई (आईएएनएस)। ", "IANS"),
        ("БЕОГРАД - Танјуг - ", "Tanjug"),
        ("【ベルリン時事】", "Jiji"),
    ],
)
def test_a_dateline_is_told_by_its_form_in_any_language(dateline, agency):
    assert text_credits(dateline + PROSE) == {(agency, SOURCE)}


@pytest.mark.parametrize(
    "line",
    [
        "Workers on the pier (AP/Ann Poe)",
        "The ship seen from the shore (Reuters)",
        "The mayor (left) and Reuters reporters met on Monday at noon in the town hall of Bergen.",
    ],
)
def test_a_caption_or_a_sentence_is_no_dateline(line):
    assert text_credits(f"{line}\n\n{PROSE}") == set()


@pytest.mark.parametrize(
    ("foot", "agency"),
    [
        ("/Ritzau/", "Ritzau"),
        ("/ BTA /", "BTA"),
        ("//ТАСС//", "TASS"),
        ("Lusa/Fim", "Lusa"),
        ("（共同）", "Kyodo"),
        ("Πηγή: ΑΠΕ-ΜΠΕ", "ANA-MPA"),
        ("Lähde: STT", "STT"),
        ("Šaltinis: BNS", "BNS"),
        ("/Glasnik/", "Glasnik"),
        ("انتهى / واس", "SPA"),
        ("/TTXVN./", "VNA"),
        ("/Belga", "Belga"),
        ("EFE am/bp", "EFE"),
        ("AGERPRES (AM - autor: Ana Matei)", "Agerpres"),
        ("Източник: БТА", "BTA"),
    ],
)
def test_a_name_between_slashes_or_behind_source_signs_the_text(foot, agency):
    assert text_credits(f"{PROSE}\n\n{foot}") == {(agency, SOURCE)}


@pytest.mark.parametrize("foot", ["/jm/", "/ab/cd/", "/Ende/", "/end/", "/42/"])
def test_initials_and_end_marks_between_slashes_sign_for_nobody(foot):
    assert text_credits(f"{PROSE}\n\n{foot}") == set()


def test_a_sign_off_with_the_names_of_editors_is_the_agencys():
    foot = "AGERPRES/(AM - autor: Ana Matei, editor: Dan Rusu)"
    assert text_credits(f"{PROSE} {foot}") == {("Agerpres", SOURCE)}


@pytest.mark.parametrize(
    "line",
    [
        "Parts of this report were written by Reuters.",
        "Some of the information in this story came from Reuters.",
        "Reuters material was used in this article.",
        "With help from Reuters",
        "Further reporting: Reuters",
        "Additional information: Gazette staff, Reuters",
        "Gazette staff and Reuters reports",
        "Reuters and staff reports",
        "Gazette reporter Ann Poe and Reuters",
        "Teile dieses Berichts stammen von Reuters",
        "Reuters hat zu diesem Bericht beigetragen",
        "Reuters a contribué à cet article",
        "Reuters contribuyó a este reportaje",
        "Reuters ha contribuito a questo articolo",
        "A Reuters contribuiu para esta reportagem",
        "Met medewerking van Reuters",
        "Med bidrag från Reuters",
        "Reuters bidro til denne saken",
        "Z wykorzystaniem materiałów agencji Reuters",
        "S přispěním agentury Reuters",
        "С использованием материалов агентства Reuters",
        "По материалам Reuters",
        "Mitarbeit: Reuters",
        "Unter Verwendung von Material der Agentur Reuters",
        "Com a colaboração da agência Reuters",
        "Na podstawie Reuters",
        "Με πληροφορίες από το Reuters",
        "Reuters'ın katkılarıyla",
        "Dengan laporan dari Reuters",
        "Mede op basis van Reuters",
        "Gazette staff, Reuters",
        "Ann Poe with Reuters",
        "Contains Reuters material.",
    ],
)
def test_a_contributor_line_is_told_by_its_words_in_any_order(line):
    parsed = parse(f"{PROSE}\n\n{line}")
    assert text_credits(f"{PROSE}\n\n{line}") == {("Reuters", CONTRIBUTOR)}
    assert parsed.paragraphs[-1].kind == "credit"


@pytest.mark.parametrize(
    "sentence",
    [
        "Some of the material burned for three days, Reuters reported.",
        "Parts of the bridge came down on Monday, according to Reuters.",
        "The report used by Reuters included nine names.",
        "With the mayor gone, nobody answered Reuters.",
        "The council and Reuters disagree on this report.",
        "Reuters reported this story first, and others followed it within the hour.",
        "Reports by Reuters and the mayor said otherwise.",
        "Material from the quarry, Reuters reported, was used in the pier.",
        "Le maire a parlé avec Reuters.",
        "El alcalde habló con Reuters.",
        "Der Bürgermeister sprach mit Reuters.",
        "O prefeito falou com Reuters.",
    ],
)
def test_a_sentence_about_an_agency_is_no_contributor_line(sentence):
    assert text_credits(f"{PROSE}\n\n{sentence}\n\n{PROSE} It rained.") == set()


@pytest.mark.parametrize(
    "line",
    [
        "This article is based in part on wire service reports.",
        "Staff and wire reports",
        "From news services",
        "Le Gazette avec agences",
        "Mit Agenturmaterial",
        "(With agency inputs)",
        "Agencies contributed to this report.",
        "With Gazette wires",
        "Additional reporting by Ann Poe and Gazette wires",
    ],
)
def test_agencies_without_a_name_give_a_credit_without_one(line):
    assert text_credits(f"{PROSE}\n\n{line}") == {("", CONTRIBUTOR)}


def test_public_agencies_are_no_news_agencies():
    for line in (
        "Three federal agencies contributed to this report.",
        "Public Holds Favorable Views of Many Federal Agencies",
    ):
        assert ("", SOURCE) not in text_credits(f"{PROSE}\n\n{line}")


def test_the_charitable_foundation_is_credited_and_no_picture():
    text = (
        f"VELM, May 3 (Thomson Reuters Foundation) - {PROSE}\n\n"
        "(Please credit the Thomson Reuters Foundation, the charitable arm of Thomson Reuters.)"
    )
    found = credits_of(parse(text))
    assert ("Thomson Reuters Foundation", SOURCE) in {credit[:2] for credit in found}
    assert not [credit for credit in found if credit[1] == "photo"]


def test_a_pair_of_acronyms_is_no_picture_and_a_staff_mark_before_an_agency_is():
    def pictures(words):
        return [
            credit[0] for credit in credits_of(parse(f"{words}\n\n{PROSE}")) if credit[1] == "photo"
        ]

    assert (
        pictures("The two sides agreed to look for the remains of POW/MIA soldiers in the hills.")
        == []
    )
    assert pictures("Photograph: HO/AFP/Getty Images") == ["AFP", "Getty Images"]


@pytest.mark.parametrize("line", ["Via Reuters", "via Reuters", "(via Reuters)"])
def test_via_and_an_agency_under_a_text_is_whose_it_is(line):
    assert text_credits(f"{PROSE}\n\n{line}") == {("Reuters", SOURCE)}
    assert text_credits(f"{PROSE}\n\nThe bridge at dusk (Ann Poe via Reuters)") == set()
