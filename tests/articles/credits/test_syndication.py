"""Lines that republishers print, and whose text they say it is."""

import pytest

from tests.articles.making import PROSE, credits_of, parse

SYNDICATED = "syndicated"


def syndicated(line, **fields):
    parsed = parse(f"{PROSE}\n\n{line}", **fields)
    credits_of(parsed)
    return {
        (credit.agency, credit.origin) for credit in parsed.credits if credit.role == SYNDICATED
    }


@pytest.mark.parametrize(
    ("line", "agency", "origin"),
    [
        ("This story was originally published by ProPublica.", "ProPublica", "ProPublica"),
        ("This piece first appeared in the Lenna Review.", "Lenna Review", "Lenna Review"),
        ("This column was first published on lennareview.example.", "lennareview.example", None),
        (
            "A version of this essay originally ran in The Tarn Quarterly.",
            "The Tarn Quarterly",
            None,
        ),
        ("Republished with permission from Tarn Quarterly.", "Tarn Quarterly", None),
        ("Edited and republished with permission from Tarn Quarterly.", "Tarn Quarterly", None),
        (
            "This essay by Ann Poe, who teaches law, first appeared in Lenna Review.",
            "Lenna Review",
            None,
        ),
        (
            "The post above has been republished with the permission of Tarn Quarterly.",
            "Tarn Quarterly",
            None,
        ),
        (
            "This article is republished from The Conversation under a licence.",
            "The Conversation",
            None,
        ),
        ("© 2027 Tarn Times. Distributed by Tribune Content Agency, LLC.", None, None),
        ("The post Bells ring again appeared first on Tarn Quarterly.", "Tarn Quarterly", None),
        ("Der Beitrag Glocken läuten erschien zuerst auf Tarner Bote.", "Tarner Bote", None),
        ("L’article Les cloches est apparu en premier sur Le Courrier.", "Le Courrier", None),
        ("La entrada Las campanas se publicó primero en El Faro.", "El Faro", None),
        ("Dieser Text ist zuerst im Tarner Boten erschienen.", "Tarner Boten", None),
        ("Cet article a été publié initialement par Le Courrier.", "Le Courrier", None),
        ("Este artículo fue publicado originalmente en El Faro.", "El Faro", None),
    ],
)
def test_a_republishers_line_names_whose_text_it_is(line, agency, origin):
    found = syndicated(line)
    if agency is None:  # a wire's distribution: the paper whose text it is stands in the credit
        assert [c.agency for c in parse(f"{PROSE}\n\n{line}").credits] == ["Tribune News Service"]
        return
    assert found == {(agency, origin or agency)}


def test_the_line_is_a_credit_and_no_body():
    parsed = parse(f"This story was originally published by ProPublica.\n\n{PROSE}")
    assert [paragraph.kind for paragraph in parsed.paragraphs] == ["credit", "body"]


@pytest.mark.parametrize(
    "line",
    [
        "This story was originally published on Nov. 3, 2027.",
        "This story was originally published on our sister site.",
        "It was first published in 1954 by Penguin.",
        "The story was first reported by the Tarn Times.",
        "The list was first published by the ministry, and the mayor said it was wrong.",
    ],
)
def test_a_date_a_book_or_a_scoop_is_no_republishing(line):
    assert syndicated(line) == set()


def test_a_paper_does_not_republish_itself():
    line = "The post Lighthouse saved appeared first on Harbour Gazette."
    assert syndicated(line) == set()
    own = "This article originally appeared on harbourgazette.example."
    assert syndicated(own, url="https://harbourgazette.example/1") == set()


def test_the_blurb_of_a_newsroom_credits_it_and_is_compared_with_nothing():
    blurb = (
        "KFF Health News is a national newsroom that produces journalism about health issues and "
        "is one of the programs of KFF, an independent source of polling."
    )
    parsed = parse(f"{PROSE}\n\n{blurb}")
    assert [paragraph.kind for paragraph in parsed.paragraphs] == ["body", "credit"]
    assert syndicated(blurb) == {("Kaiser Health News", "Kaiser Health News")}


def test_a_newsroom_that_is_part_of_a_syndicate_is_the_origin():
    line = (
        "The Tarn Reflector is part of States Newsroom, a network of newsrooms paid for by grants."
    )
    assert syndicated(line) == {("States Newsroom", "Tarn Reflector")}
    assert syndicated(line, outlet="Tarn Reflector") == set()
    assert syndicated("Jo Poe is a member of the Tarn Choir, a network of singers.") == set()


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("This was first published on The Conversation.", "The Conversation"),
        ("Jo Poe teaches law. This first appeared in the Tarn Quarterly.", "Tarn Quarterly"),
        (
            "Jo Poe is a lawyer. To read columns by other Creators Syndicate writers, visit"
            " www.creators.example.",
            "Creators Syndicate",
        ),
    ],
)
def test_a_line_behind_what_is_said_of_the_writer_counts_too(line, publisher):
    assert syndicated(line) == {(publisher, publisher)}


def test_what_was_first_reported_or_told_elsewhere_is_no_republishers_line():
    assert syndicated("This was first reported by the Tarn Quarterly.") == set()
    assert syndicated("The bill was first published on Tuesday by the ministry.") == set()
