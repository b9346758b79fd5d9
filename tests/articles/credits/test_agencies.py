import pytest

from wirethread.articles.credits.agencies import (
    AgencyKind,
    find_agencies_in_words,
    find_agency,
    find_mentions,
    is_agency_outlet,
    load_agencies,
    parse_agencies,
)


def test_the_table_holds_the_agencies_a_newsroom_expects():
    names = {agency.name for agency in load_agencies()}
    expected = (
        "Reuters,AP,AFP,Bloomberg,UPI,dpa,EFE,ANSA,TASS,Interfax,Xinhua,Kyodo,Yonhap,KCNA,PTI,ANI,IANS,Anadolu,"
        "PA Media,Canadian Press,AAP,ANP,Belga,APA,Keystone-SDA,NTB,TT,Ritzau,STT,PAP,CTK,Agência Brasil,Lusa"
    )
    assert set(expected.split(",")) <= names
    kinds = {agency.name: agency.kind for agency in load_agencies()}
    assert kinds["PR Newswire"] is AgencyKind.HANDOUT
    assert kinds["Getty Images"] is AgencyKind.PHOTO


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Reuters", "Reuters"), ("REUTERS", "Reuters"), ("reuters.com", "Reuters"), ("Reuters Staff", "Reuters"),
        ("https://uk.reuters.com/article/x", "Reuters"), ("AP", "AP"), ("The Associated Press", "AP"),
        ("Associated Press", "AP"), ("apnews.com", "AP"), ("By The Associated Press", "AP"), ("(AP)", "AP"),
        ("Agence France-Presse", "AFP"), ("Bloomberg", "Bloomberg"), ("www.bloomberg.com", "Bloomberg"),
        ("Deutsche Presse-Agentur", "dpa"), ("The Canadian Press", "Canadian Press"), ("ТАСС", "TASS"), ("新华社", "Xinhua"),
    ],
)  # fmt: skip
def test_an_agency_is_found_by_name_spelling_and_domain(words, name):
    assert find_agency(words) == name


@pytest.mark.parametrize(
    "words",
    ["ap", "AP classes", "Reuters Institute", "notreuters.com", "reuters.com.example.org", "The Guardian", "map", "",
     "Mike Bloomberg", "http://[broken", "x" * 1000, "CNN"],
)  # fmt: skip
def test_other_names_are_no_agency(words):
    assert find_agency(words) is None


def test_an_outlet_is_an_agency_by_its_name_or_its_site():
    assert is_agency_outlet("Reuters")
    assert is_agency_outlet(None, "https://apnews.com/abc?x=1")
    assert not is_agency_outlet("The Guardian", "https://www.theguardian.com/reuters.com")
    assert not is_agency_outlet(None, None)


def test_a_field_with_people_and_agencies_names_the_agencies():
    names = [
        agency.name for agency in find_agencies_in_words("Jane Doe, AP; John Roe / AFP and Reuters")
    ]
    assert names == ["AP", "AFP", "Reuters"]
    assert find_agencies_in_words("Jane Doe of the Reuters Institute") == []


def test_mentions_are_whole_words_without_overlap():
    text = "Reuters, Thomson Reuters and AFP said; APs and dpa-like tapas; 路透社法新社."
    found = [
        (mention.agency.name, text[mention.begin : mention.end]) for mention in find_mentions(text)
    ]
    assert found == [
        ("Reuters", "Reuters"), ("Reuters", "Thomson Reuters"), ("AFP", "AFP"), ("dpa", "dpa"),
        ("Reuters", "路透社"), ("AFP", "法新社"),
    ]  # fmt: skip


def test_people_and_institutions_of_that_name_are_no_mention():
    assert (
        find_mentions(
            "Mike Bloomberg, Bloomberg Philanthropies, the Reuters Institute, @AP, AP classes"
        )
        == []
    )


def test_a_spelling_of_two_agencies_is_refused():
    with pytest.raises(ValueError, match="'Same' belongs to both A and B"):
        parse_agencies(
            "- {name: A, full_name: A, kind: wire, country: GB, spellings: [Same]}\n"
            "- {name: B, full_name: B, kind: wire, country: GB, spellings: [Same]}\n"
        )


def test_a_misspelt_field_of_the_table_is_refused():
    with pytest.raises(ValueError, match="not well-formed"):
        parse_agencies("- {name: A, full_name: A, kind: wire, country: GB, spelings: [A]}")
