from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, TokenBook, embed_words, write_article
from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import PassageMatch, Relation
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching import soft_alignment
from wirethread.clustering.matching.evidence import COMMON, LEAD_RANGE
from wirethread.clustering.matching.explain import explain_pair
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.matching.soft_alignment import SOFT_FEATURES, SoftAligner
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table
from wirethread.clustering.paragraphs.vocabulary import cut_stem, weigh_words
from wirethread.clustering.types import ArticleText, TokenReader

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SYNONYMS = {
    "port": "harbour",
    "shut": "closed",
    "cargo": "freighter",
    "vessel": "freighter",
    "grounded": "aground",
    "boxes": "containers",
    "bank": "sandbank",
    "beacon": "lighthouse",
    "officials": "authority",
    "stranded": "aground",
}
REWORDED = (
    "Officials shut the port at Velmora on Tuesday when a cargo vessel with 340 boxes got stranded "
    "on a bank near the disused beacon."
)


def write_wire(*texts: str) -> ArticleText:
    return write_article("a", texts, outlet="Reuters", agency="Reuters", published_at=NOON)


def write_paper(*texts: str, credited: tuple[str, ...] = ("Reuters",)) -> ArticleText:
    return write_article("b", texts, credited=credited, published_at=NOON + timedelta(hours=4))


def build_table(*articles: ArticleText) -> ParagraphTable:
    return build_paragraph_table(articles, embed_words(articles), min_words=5)


def name_values(values: np.ndarray) -> dict[str, float]:
    return dict(zip(SOFT_FEATURES, values.tolist(), strict=True))


def test_a_paragraph_is_all_in_itself_and_leads_over_the_others() -> None:
    table = build_table(write_paper(*GARDEN, HARBOUR[0]), write_wire(*HARBOUR))
    values = name_values(SoftAligner(table, TokenBook()).measure(0, 1, [(3, 4)])[0])
    for name in ("stems_host", "stems_donor", "meaning_host", "meaning_donor"):
        assert values[name] == pytest.approx(1.0, abs=1e-3)
    for name in ("stems_lead_host", "stems_lead_donor", "meaning_lead_host", "meaning_lead_donor"):
        assert values[name] == LEAD_RANGE[1]


def test_other_words_for_the_same_are_near_in_meaning_and_not_in_stems() -> None:
    table = build_table(write_paper(REWORDED, *GARDEN), write_wire(*HARBOUR))
    plain = name_values(SoftAligner(table, TokenBook()).measure(0, 1, [(0, 4)])[0])
    knowing = name_values(SoftAligner(table, TokenBook(SYNONYMS)).measure(0, 1, [(0, 4)])[0])
    assert plain["stems_host"] == knowing["stems_host"] < 0.5
    assert knowing["meaning_host"] > plain["meaning_host"] + 0.3
    assert knowing["meaning_donor"] > plain["meaning_donor"] + 0.2
    assert knowing["meaning_lead_host"] > 0.2


def measure_plainly(
    table: ParagraphTable, read_tokens: TokenReader, p: int, q: int, range_p: range, range_q: range
) -> list[float]:
    """The same by loops over words, from the texts themselves."""
    assert table.vectors is not None

    def read(paragraph: int) -> list[tuple[str, float, np.ndarray]]:
        words = tokenize_words(table.texts[paragraph])
        weights = np.maximum(weigh_words(words, "en") - COMMON, 0.05)
        (tokens,) = read_tokens([table.texts[paragraph]])
        units = tokens.vectors / np.linalg.norm(tokens.vectors, axis=1, keepdims=True)
        return list(zip(words, weights.tolist(), units, strict=True))

    def share(one: int, other: int, kind: str) -> float:
        total = found = 0.0
        for word, weight, vector in read(one):
            best = max(
                float(cut_stem(word) == cut_stem(w)) if kind == "stems" else float(vector @ v)
                for w, _, v in read(other)
            )
            total, found = total + weight, found + weight * min(max(best, 0.0), 1.0)
        return found / total

    def list_rivals(own: int, given: int, others: range) -> list[int]:
        rest = [other for other in others if other != own]
        return sorted(rest, key=lambda other: -(table.vectors[other] @ table.vectors[given]))[:2]

    values = []
    for kind in ("stems", "meaning"):
        mine, theirs = share(p, q, kind), share(q, p, kind)
        like_q = max(share(p, other, kind) for other in list_rivals(q, p, range_q))
        like_p = max(share(q, other, kind) for other in list_rivals(p, q, range_p))
        values += [mine, theirs, *np.clip([mine - like_q, theirs - like_p], *LEAD_RANGE)]
    return values


def test_measuring_is_what_plain_loops_over_the_words_give() -> None:
    table = build_table(write_paper(GARDEN[0], REWORDED, *GARDEN[1:]), write_wire(*HARBOUR))
    pairs = [(1, 4), (0, 6), (3, 7)]
    found = SoftAligner(table, TokenBook(SYNONYMS)).measure(0, 1, pairs)
    for row, (p, q) in enumerate(pairs):
        wanted = measure_plainly(table, TokenBook(SYNONYMS), p, q, range(4), range(4, 8))
        np.testing.assert_allclose(found[row], wanted, atol=1e-3)


def test_what_is_said_of_a_pair_does_not_depend_on_the_others() -> None:
    table = build_table(write_paper(GARDEN[0], REWORDED, HARBOUR[2]), write_wire(*HARBOUR))
    pairs = [(1, 3), (2, 5), (0, 4)]
    together = SoftAligner(table, TokenBook(SYNONYMS)).measure(0, 1, pairs)
    for row, pair in enumerate(pairs):
        alone = SoftAligner(table, TokenBook(SYNONYMS)).measure(0, 1, [pair])
        assert alone[0].tolist() == together[row].tolist()


def test_each_text_is_read_once_and_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    table = build_table(write_paper(GARDEN[0], REWORDED), write_wire(HARBOUR[0], HARBOUR[1]))
    book = TokenBook()
    aligner = SoftAligner(table, book)
    for _ in range(3):
        aligner.measure(0, 1, [(1, 2)])
    assert sorted(book.read) == sorted([GARDEN[0], REWORDED, HARBOUR[0], HARBOUR[1]])
    monkeypatch.setattr(soft_alignment, "_MOST_KEPT", 1)
    first = aligner.measure(0, 1, [(1, 2)])
    assert len(aligner._kept) == 1
    assert aligner.measure(0, 1, [(1, 2)]).tolist() == first.tolist()


def test_words_that_the_model_did_not_read_are_near_nothing() -> None:
    table = build_table(write_paper(HARBOUR[0]), write_wire(HARBOUR[0]))
    book = TokenBook()

    def read_ten(texts: list[str]) -> list[object]:
        return [
            replace(one, begins=one.begins[:10], ends=one.ends[:10], vectors=one.vectors[:10])
            for one in book(texts)
        ]

    values = name_values(SoftAligner(table, read_ten).measure(0, 1, [(0, 1)])[0])  # type: ignore[arg-type]
    assert values["stems_host"] == pytest.approx(1.0)
    assert 0.1 < values["meaning_host"] < 0.6


def test_tokens_of_a_part_of_a_word_count_together() -> None:
    table = build_table(write_paper(HARBOUR[0]), write_wire(HARBOUR[0]))
    book = TokenBook()

    def read_halves(texts: list[str]) -> list[object]:
        halves = []
        for one in book(texts):
            middle = (one.begins + one.ends) // 2
            cut = np.stack([one.begins, middle, middle, one.ends], axis=1).reshape(-1, 2)
            vectors = np.repeat(one.vectors, 2, axis=0)
            is_there = cut[:, 1] > cut[:, 0]
            halves.append(
                replace(
                    one,
                    begins=cut[is_there, 0],
                    ends=cut[is_there, 1],
                    vectors=vectors[is_there],
                )
            )
        return halves

    whole = SoftAligner(table, TokenBook()).measure(0, 1, [(0, 1)])
    parts = SoftAligner(table, read_halves).measure(0, 1, [(0, 1)])  # type: ignore[arg-type]
    np.testing.assert_allclose(parts, whole, atol=1e-3)


def test_without_vectors_there_is_no_next_nearest() -> None:
    table = build_paragraph_table([write_wire(*HARBOUR)], None, min_words=5)
    with pytest.raises(ValueError, match="needs the vectors"):
        SoftAligner(table, TokenBook())


def match(book: TokenBook | None, *articles: ArticleText) -> list[PassageMatch]:
    everything = np.ones(len(articles), dtype=bool)
    return match_passages(
        articles, embed_words(articles), everything, MatchSettings(), read_tokens=book
    )


def test_only_what_may_be_reworded_from_an_agency_is_read_closer() -> None:
    book = TokenBook(SYNONYMS)
    match(book, write_wire(*HARBOUR), write_paper(GARDEN[0], REWORDED, HARBOUR[2]))
    assert REWORDED in book.read
    assert HARBOUR[0] in book.read
    of_nobody = TokenBook(SYNONYMS)
    other = write_article("a", HARBOUR, outlet="Evening Post", published_at=NOON)
    match(of_nobody, other, write_paper(GARDEN[0], REWORDED, HARBOUR[2], credited=()))
    word_for_word = TokenBook(SYNONYMS)
    match(word_for_word, write_wire(*HARBOUR), write_paper(*HARBOUR))
    assert of_nobody.read == word_for_word.read == []


def test_reading_closer_tells_a_rewording_from_what_only_shares_the_event() -> None:
    def score(book: TokenBook | None) -> float:
        found = match(book, write_wire(*HARBOUR), write_paper(GARDEN[0], REWORDED, HARBOUR[2]))
        scores = [one.score for one in found if one.relation is Relation.PARAPHRASE]
        return max(scores, default=0.0)

    assert score(TokenBook(SYNONYMS)) > score(TokenBook())


def test_an_explanation_reads_as_the_run_does_and_shows_what_it_measured() -> None:
    wire, paper = write_wire(*HARBOUR), write_paper(GARDEN[0], REWORDED, HARBOUR[2])
    stored = [
        one
        for one in match(TokenBook(SYNONYMS), wire, paper)
        if one.relation is Relation.PARAPHRASE
    ]
    told = explain_pair(
        wire, paper, embed_words([wire, paper]), MatchSettings(), TokenBook(SYNONYMS)
    )
    shown = [one for one in told.passages if one.match.relation is Relation.PARAPHRASE]
    assert stored
    # it measures every pair, so the context may differ a little
    assert [one.match.score for one in shown][: len(stored)] == pytest.approx(
        [one.score for one in stored], abs=0.02
    )
    names = [score.name for score in shown[0].scores]
    assert names[-len(SOFT_FEATURES) :] == list(SOFT_FEATURES)
