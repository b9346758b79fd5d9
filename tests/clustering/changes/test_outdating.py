"""What a newer text changed, and whether a copy still has the older words."""

from datetime import UTC, datetime

import pytest

from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.types.articles import ParsedArticle, SourceArticle
from wirethread.articles.types.changes import TieText
from wirethread.clustering.changes.outdating import (
    find_changes,
    find_old_words,
    is_resent,
    read_replacements,
)
from wirethread.clustering.changes.revisions import describe_change, keeps_subject, resemble
from wirethread.clustering.changes.ties import shortlist, tie_notice
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import ArticleText

FIRST = "The minister was charged with fraud on Monday, the court in Ostraven said in a statement."
SECOND = "She had sold land worth 4 million crowns to her brother, according to the indictment."
THIRD = "Her lawyer, Brandt Ek, called the charges absurd and said that she would stay in office."
TEXT = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def read(text: str, headline: str = "Minister charged", outlet: str = "Wire") -> ArticleText:
    parsed = parse_article(
        SourceArticle(
            source="t:1", source_id="1", url=None, outlet=outlet, title=headline, text=text
        )
    )
    assert isinstance(parsed, ParsedArticle)
    return to_article_text(parsed)


def list_old(old: ArticleText, new: ArticleText, copy: ArticleText) -> list[tuple[str, str]]:
    spans = [(0, 10_000, 0, 10_000)]
    return [
        (old_word.change.old_words, old_word.change.new_words)
        for old_word in find_old_words(copy, spans, find_changes(old, new))
    ]


@pytest.mark.parametrize(
    ("old_words", "new_words", "shown"),
    [
        ("4 million", "40 million", ("4", "40")),
        ("Brandt Ek", "Bernt Eek", ("Brandt Ek", "Bernt Eek")),
        ("was charged", "was not charged", ("was charged", "was not charged")),
        ("on Monday, ", "", ("on Monday", "")),
    ],
)
def test_a_copy_with_the_older_words_is_found_and_one_with_the_newer_is_not(
    old_words: str, new_words: str, shown: tuple[str, str]
) -> None:
    old, new = read(TEXT), read(TEXT.replace(old_words, new_words))
    (found,) = list_old(old, new, read(f"Our own lede stands here today.\n\n{TEXT}", outlet="Sun"))
    assert found[0] == shown[0]
    assert found[1].startswith(shown[1]) or not shown[1]
    assert list_old(old, new, read(TEXT.replace(old_words, new_words), outlet="Sun")) == []


def test_a_sentence_that_was_taken_out_is_found_in_a_copy() -> None:
    old, new = read(TEXT), read(f"{FIRST}\n\n{THIRD}")
    assert list_old(old, new, read(TEXT, outlet="Sun")) == [(SECOND, "")]
    assert list_old(old, new, read(f"{FIRST}\n\n{THIRD}", outlet="Sun")) == []


def test_words_outside_the_matched_passages_are_the_papers_own() -> None:
    old, new = read(TEXT), read(TEXT.replace("4 million", "40 million"))
    begin = TEXT.index(THIRD)
    spans = [(begin, len(TEXT), begin, len(TEXT))]
    assert list(find_old_words(read(TEXT, outlet="Sun"), spans, find_changes(old, new))) == []


def test_what_is_added_makes_nothing_outdated() -> None:
    longer = f"{TEXT}\n\nA first hearing was set for the twelfth of June, court papers showed."
    assert find_changes(read(TEXT), read(longer)) == []


def test_another_date_in_the_dateline_is_no_change() -> None:
    left = read(f"OSTRAVEN, May 6 (Wire) - {TEXT}")
    assert find_changes(left, read(f"OSTRAVEN, May 7 (Wire) - {TEXT}")) == []


@pytest.mark.parametrize(
    "note",
    [
        "In a story on Monday the sum should have read 40 million, not 4 million crowns.",
        "The land was worth 40 million crowns instead of 4 million crowns.",
        "Das Land war 40 Millionen statt 4 million crowns wert, wie es hätte heißen müssen.",
        "Il fallait lire 40 million au lieu de 4 million crowns.",
    ],
)
def test_a_note_that_names_the_wrong_words_is_read(note: str) -> None:
    changes = read_replacements(read(TEXT), read(note, "CORRECTION: Minister charged"))
    assert [one.old_words for one in changes] in (["4 million"], ["4 million crowns"])
    assert not is_resent(read(TEXT), read(note))
    assert is_resent(read(TEXT), read(TEXT.replace("4 million", "40 million")))


def test_a_note_without_wrong_words_changes_nothing() -> None:
    note = "The story could not be confirmed, and not by the court either."
    assert read_replacements(read(TEXT), read(note)) == []


def test_versions_resemble_each_other_and_other_news_does_not() -> None:
    other = (
        "The provincial orchestra will open its autumn season with a symphony that lay forgotten "
        "in a monastery cupboard for more than a century, its director announced on Friday."
    )
    assert resemble(TEXT, TEXT) == 1.0
    assert keeps_subject(TEXT, f"{FIRST}\n\n{other}")
    assert not keeps_subject(TEXT, other)
    assert resemble("", TEXT) == 0.0


def test_a_change_is_told_in_words() -> None:
    new = TEXT.replace("4 million", "40 million").replace(" on Monday", "")
    told = describe_change("Minister charged", TEXT, "Minister cleared", new)
    assert told == ("headline was “Minister charged”; “4” became “40”; 2 words taken out")
    assert describe_change("a", TEXT, "a", f"{TEXT} More soon.") == "2 words added"


def tie_text(name: str, headline: str, hour: int, text: str = "", **others: object) -> TieText:
    values: dict[str, object] = {"slug": None, "number": None, **others}
    return TieText(
        article_id=name,
        outlet="Wire",
        headline=headline,
        text=text,
        published_at=datetime(2025, 5, 6, hour, tzinfo=UTC),
        **values,  # type: ignore[arg-type]
    )


def test_the_nearest_earlier_text_of_the_same_headline_is_meant() -> None:
    notice = tie_text("n", "UPDATE 2-Minister charged with fraud", 12, TEXT, number=2)
    candidates = [
        tie_text("first", "Minister charged with fraud", 9, TEXT),
        tie_text("second", "UPDATE 1-Minister charged with fraud", 10, TEXT, number=1),
        tie_text("third", "UPDATE 3-Minister charged with fraud", 11, TEXT, number=3),
        tie_text("later", "Minister charged with fraud", 13, TEXT),
        tie_text("other", "Orchestra finds forgotten symphony score", 11, "Nothing of that."),
    ]
    assert {one.article_id for one in shortlist(notice, candidates, 7)} == {"first", "second"}
    tie = tie_notice(notice, candidates, 7)
    assert tie is not None
    assert tie.old_article_id == "second"
    assert tie.reason.startswith("the same headline; 100% of its text stands in both")


def test_a_slug_ties_where_the_headlines_differ() -> None:
    notice = tie_text(
        "n", "KILL: slug MINISTER-FRAUD", 12, "Kill it.", slug="MINISTER-FRAUD (UPDATE 1)"
    )
    old = tie_text("o", "Court charges Osk", 9, TEXT, slug="minister-fraud")
    tie = tie_notice(notice, shortlist(notice, [old], 7), 7)
    assert tie is not None
    assert tie.reason == "the same slug, minister-fraud"


def test_nothing_is_tied_to_other_news_or_to_what_is_too_old() -> None:
    notice = tie_text("n", "KILL: Minister charged with fraud", 12, "Please kill.")
    old = tie_text("o", "Minister resigns over tax offences in spring", 9, "Of something else.")
    assert tie_notice(notice, [old], 7) is None
    late = tie_text("l", "Minister charged with fraud", 9)
    assert tie_notice(notice, [late], 0.1) is None
    assert tie_notice(notice, [tie_text("x", "Orchestra season opens", 9, "Music.")], 7) is None
