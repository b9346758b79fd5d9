from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, embed_words, write_article
from wirethread.articles.normalize import tokenize_spans
from wirethread.articles.types.articles import PassageMatch, Relation
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.paragraphs.quote_marks import mark_quoted
from wirethread.clustering.paragraphs.spoken import find_block_quotes

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
STATEMENT = (
    "The council of Velmora will open its archive to every citizen before the end of the year, and "
    "nobody who ever worked in the harbour office shall be denied a copy of his own papers."
)
MORE = (
    "A commission of three judges reads the papers first, since some of them name people who are "
    "still alive and who never agreed to be named by anyone in this town or elsewhere."
)
TESTIMONY = (
    "I went down the stairs of the harbour office at seven in the evening, and when the lamp was "
    "out somebody pushed me against the iron door and took the ledger from under my arm."
)
POT = (
    "Two clay pots from the garden of the monastery were sold to a dealer in Ostrel for the price "
    "of a bicycle, and the abbot heard of it from the weekly paper."
)


def match(left: Sequence[str], right: Sequence[str], **more: object) -> list[PassageMatch]:
    articles = [
        write_article("a-post", list(left), outlet="Velmora Post", published_at=NOON, **more),  # type: ignore[arg-type]
        write_article(
            "b-echo", list(right), outlet="Ostrel Echo", published_at=NOON + timedelta(hours=5)
        ),
    ]
    return match_passages(articles, embed_words(articles), np.ones(2, dtype=bool), MatchSettings())


def accepted(left: Sequence[str], right: Sequence[str], **more: object) -> list[PassageMatch]:
    return [one for one in match(left, right, **more) if one.is_match]


def test_testimony_that_two_papers_print_is_a_quotation() -> None:
    found = match([HARBOUR[0], TESTIMONY, HARBOUR[1]], [GARDEN[0], TESTIMONY, GARDEN[1]])
    assert [(one.relation, one.is_match) for one in found] == [(Relation.QUOTATION, False)]


def test_a_statement_after_a_colon_is_a_quotation_and_so_is_what_follows_it() -> None:
    found = match(
        [HARBOUR[0], "The council put it like this on Tuesday:", STATEMENT, MORE],
        [GARDEN[0], STATEMENT, MORE, GARDEN[1]],
    )
    assert [one.relation for one in found] == [Relation.QUOTATION, Relation.QUOTATION]


def test_the_same_words_without_an_introduction_are_copy() -> None:
    found = accepted([HARBOUR[0], STATEMENT, MORE], [GARDEN[0], STATEMENT, MORE, GARDEN[1]])
    assert [one.relation for one in found] == [Relation.VERBATIM, Relation.VERBATIM]


def test_words_of_an_agencys_own_article_stay_copy_however_they_are_introduced() -> None:
    found = accepted(
        [HARBOUR[0], STATEMENT, HARBOUR[1]],
        [GARDEN[0], "From the agency, on the archive:", STATEMENT],
        agency="Reuters",
    )
    assert [one.relation for one in found] == [Relation.VERBATIM]


def test_a_column_that_two_papers_ran_is_copy_although_it_says_i() -> None:
    column = [TESTIMONY, STATEMENT, MORE, POT]
    assert len(accepted(column, column)) == 4


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("I never saw the ledger again.", True),
        ("Melania and I join a grieving town.", True),
        ("It was not clear to me why the lamp was out.", True),
        ("We mourn him, and our thoughts are with the family.", True),
        ("The mine was flooded, and mine rescue teams went down.", False),
        ("The company tested it in a phase I trial.", False),
        ("World War I began with a shot.", False),
        ("Elizabeth I, who reigned then, paid for the ships.", False),
        ("He told the paper that our harbour was closed.", False),
        ("“I never saw it,” she said, “and we looked for it in our house.”", False),
        ("The harbour stays closed until Friday.", False),
    ],
)
def test_the_first_person_outside_marks_quotes_a_paragraph(text: str, speaks: bool) -> None:
    begins = [begin for _, begin, _ in tokenize_spans(text)]
    assert all(mark_quoted(text, begins)) is speaks


@pytest.mark.parametrize(
    ("text", "language", "speaks"),
    [
        ("Ich habe das Buch nie gesehen.", "de", True),
        ("Je suis restée au port jusqu'à minuit.", "fr", True),
        ("Přístav je uzavřen do pátku, řekl starosta.", "cs", False),
        ("Most je zatvoren, a mir se vratio u grad.", "hr", False),
        ("Most je zatvoren, a mir se vratio u grad.", None, False),
    ],
)
def test_words_of_the_first_person_are_those_of_the_language(
    text: str, language: str | None, speaks: bool
) -> None:
    begins = [begin for _, begin, _ in tokenize_spans(text)]
    assert all(mark_quoted(text, begins, language)) is speaks


def test_a_paragraph_after_a_colon_or_a_verb_of_speech_is_introduced() -> None:
    article = write_article(
        "a",
        ["Here is what she wrote:", STATEMENT, "He said,", MORE, "The lamp was out.", POT],
    )
    assert find_block_quotes(article.paragraphs) == {
        1: "Here is what she wrote:",
        3: "He said,",
    }
