"""What counts as a notice about earlier copy, and what only looks like one."""

from datetime import UTC, datetime

import pytest

from wirethread.articles.credits.notices import find_notices, strip_prefixes
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.types.articles import ParsedArticle, SourceArticle, TimePrecision
from wirethread.articles.types.changes import Notice, NoticeKind

BODY = (
    "OSTRAVEN, May 6 - A ferry carrying commuters across the Lenna estuary ran aground on Tuesday, "
    "and 12 people were taken to hospital, the harbour authority said.\n\n"
    "Rescue boats brought all 214 passengers ashore within two hours, harbour master Tilde Aronsen "
    "told reporters at the quay."
)


def parse(text: str, headline: str = "Ferry runs aground off Ostraven") -> ParsedArticle:
    found = parse_article(
        SourceArticle(
            source="t:1",
            source_id="1",
            url=None,
            outlet="Wire",
            title=headline,
            text=text,
            published_at=datetime(2025, 5, 6, tzinfo=UTC),
            published_precision=TimePrecision.SECOND,
        )
    )
    assert isinstance(found, ParsedArticle)
    return found


def find(headline: str = "Ferry runs aground", text: str = BODY, **notes: str) -> list[Notice]:
    parsed = parse(text, headline)
    return find_notices(parsed.article.headline, parsed.paragraphs, notes)


@pytest.mark.parametrize(
    ("headline", "kinds", "rest"),
    [
        ("UPDATE 1-Ferry runs aground", ["update"], "Ferry runs aground"),
        ("UPDATE 2-CORRECTED-Ferry runs aground", ["correction", "update"], "Ferry runs aground"),
        ("REFILE-UPDATE 3-Ferry runs aground", ["update", "refile"], "Ferry runs aground"),
        ("CORRECTED-Ferry runs aground", ["correction"], "Ferry runs aground"),
        ("CORRECTED (OFFICIAL)-Ferry runs aground", ["correction"], "Ferry runs aground"),
        ("CORRECTION: Ferry runs aground", ["correction"], "Ferry runs aground"),
        ("Correction: Ferry Aground story", ["correction"], "Ferry Aground story"),
        ("RPT-Ferry runs aground", ["repeat"], "Ferry runs aground"),
        ("WRAPUP 2-Ferry runs aground", ["update"], "Ferry runs aground"),
        ("WITHDRAWAL: Ferry runs aground", ["withdrawal"], "Ferry runs aground"),
        ("STORY WITHDRAWN-Ferry runs aground", ["withdrawal"], "Ferry runs aground"),
        ("BULLETIN KILL: Ferry runs aground", ["kill"], "Ferry runs aground"),
        ("MANDATORY KILL - Ferry runs aground", ["kill"], "Ferry runs aground"),
        ("ELIMINATION: Ferry runs aground", ["kill"], "Ferry runs aground"),
        ("ADVISORY-Ferry runs aground", ["advisory"], "Ferry runs aground"),
        ("HOLD - Ferry runs aground", ["hold"], "Ferry runs aground"),
        ("KORREKTUR: Fähre läuft auf Grund", ["correction"], "Fähre läuft auf Grund"),
        ("BERICHTIGUNG - Fähre läuft auf Grund", ["correction"], "Fähre läuft auf Grund"),
        ("ANNULATION - Un ferry s'échoue", ["kill"], "Un ferry s'échoue"),
        ("RECTIFICATIF: Un ferry s'échoue", ["correction"], "Un ferry s'échoue"),
        ("CORRECCIÓN: Encalla un ferri", ["correction"], "Encalla un ferri"),
        ("ANULACIÓN - Encalla un ferri", ["kill"], "Encalla un ferri"),
        ("RETTIFICA: Traghetto si incaglia", ["correction"], "Traghetto si incaglia"),
        ("CORREÇÃO: Balsa encalha", ["correction"], "Balsa encalha"),
        ("ATUALIZA 2-Balsa encalha", ["update"], "Balsa encalha"),
    ],
)
def test_tags_before_a_headline_are_notices(headline: str, kinds: list[str], rest: str) -> None:
    assert [one.kind.value for one in find(headline)] == kinds
    assert strip_prefixes(headline) == rest
    for one in find(headline):
        assert headline[one.begin : one.end].strip() == one.words


@pytest.mark.parametrize(
    "headline",
    [
        "Update: Ferry runs aground, live reports",
        "UPDATE: Ferry runs aground",
        "Kill Bill review: still sharp after twenty years",
        "Kill: a memoir of a hunter",
        "Advisory board meets on ferry safety",
        "Advisory: roads closed on Sunday",
        "Corrected vision for all at the new clinic",
        "Correction officers strike in three prisons",
        "Hold the line, union tells ferry workers",
        "HOLDING firm sells ferry line",
        "Withdrawal of troops begins",
        "Withdrawn: the art of Lena Holm",
        "Repeat offender jailed",
        "ACHTUNG! Glatteis",
        "Annulation d'un concert à Lyon",
        "Rettifica fiscale per mille aziende",
        "KILLER WHALES SEEN OFF OSTRAVEN",
        "UPDATE 2025 of the building code",
    ],
)
def test_headlines_that_only_look_alike_are_no_notices(headline: str) -> None:
    assert find(headline) == []
    assert strip_prefixes(headline) == headline


@pytest.mark.parametrize(
    ("line", "kind", "language"),
    [
        ("(Corrects number of injured in paragraph 1)", "correction", "en"),
        ("(This May 6 story has been corrected to fix the number of injured)", "correction", "en"),
        ("(Refiles to fix typo in headline)", "refile", "en"),
        ("(Repeats story published on Monday, no changes to text)", "repeat", "en"),
        ("(Adds quotes, background)", "update", "en"),
        ("STORY WITHDRAWN", "withdrawal", "en"),
        ("BULLETIN KILL", "kill", "en"),
        ("Eds: MANDATORY KILL. Do not use any version of this story.", "kill", "en"),
        ("The story headlined “Ferry sinks” has been withdrawn.", "withdrawal", "en"),
        ("Please kill the story slugged FERRY-AGROUND.", "kill", "en"),
        ("ATTENTION - CORRECTS number of injured in first paragraph ///", "correction", "en"),
        ("ATTENTION - ADDS quotes ///", "update", "en"),
        ("Correction: An earlier version of this story misstated the toll.", "correction", "en"),
        ("This article was amended on 7 May 2025 to correct the toll.", "correction", "en"),
        ("/// ANNULATION", "kill", "fr"),
        ("Correction : une version antérieure de cet article citait un autre bilan.", "correction",
         "fr"),
        ("(Berichtigung: Im ersten Absatz wurde die Zahl der Verletzten korrigiert)", "correction",
         "de"),
        ("Bitte verwenden Sie die Meldung «Fähre gesunken» nicht.", "hold", "de"),
        ("Die dpa-Meldung «Fähre gesunken» wird zurückgezogen.", "withdrawal", "de"),
        ("Anmerkung der Redaktion: In einer früheren Version stand eine andere Zahl.", "correction",
         "de"),
        ("Achtung Redaktionen: Die Zusammenfassung folgt bis 1700.", "advisory", "de"),
        ("Fe de errores: el número de heridos era otro.", "correction", "es"),
        ("Errata corrige: i feriti sono dodici.", "correction", "it"),
        ("Erramos: o número de feridos estava errado.", "correction", "pt"),
    ],
)  # fmt: skip
def test_lines_that_say_so_are_notices(line: str, kind: str, language: str) -> None:
    for text in (f"{line}\n\n{BODY}", f"{BODY}\n\n{line}"):
        (one,) = find(text=text)
        assert (one.kind.value, one.language, one.field) == (kind, language, "text")
        assert text[one.begin : one.end] == one.words
        assert one.words[:12] in line


@pytest.mark.parametrize(
    "line",
    [
        "The kill switch was found to be broken, the inspector said.",
        "Correction officers were called in when the ferry reached the quay.",
        "The company has withdrawn its bid for the ferry line, people close to it said.",
        "A correction in share prices followed the accident, analysts told reporters.",
        "An advisory board will look at the fog rules, the harbour authority said.",
        "Updates of the charts are planned for autumn, she said.",
        "Die Stadt berichtigt ihren Haushalt für das kommende Jahr.",
        "La corrección de los mapas llevará un año, dijo la autoridad.",
    ],
)
def test_sentences_with_such_words_are_no_notices(line: str) -> None:
    assert find(text=f"{BODY}\n\n{line}") == []


def test_a_notice_in_the_middle_of_a_long_text_is_not_looked_for() -> None:
    filler = "\n\n".join(f"{BODY} It was boat number {number}." for number in range(20))
    assert find(text=f"{filler}\n\nSTORY WITHDRAWN\n\n{filler}") == []


def test_fields_of_the_sender_are_read_too() -> None:
    assert [
        (entry.kind, entry.field) for entry in find(pubstatus="canceled", slug="CORRECTED-FERRY")
    ] == [(NoticeKind.KILL, "pubstatus"), (NoticeKind.CORRECTION, "slug")]
    (hold,) = find(ednote="Editors: please hold this story until the names are confirmed.")
    assert hold.kind is NoticeKind.HOLD
    assert find(pubstatus="usable", slug="FILM-REVIEW/KILL") == []


def test_the_number_of_an_update_is_told() -> None:
    assert [one.number for one in find("UPDATE 12-Ferry runs aground")] == [12]
