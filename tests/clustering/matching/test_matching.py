import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clustering.writing import GARDEN, HARBOUR, body_text, embed_words, write_article
from wirethread.articles.types.articles import ParagraphKind, PassageMatch, Relation
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages, rethreshold
from wirethread.clustering.types import ArticleText

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def match(*articles: ArticleText, with_vectors: bool = True) -> list[PassageMatch]:
    vectors = embed_words(articles) if with_vectors else None
    return match_passages(articles, vectors, np.ones(len(articles), dtype=bool), MatchSettings())


def accepted(*articles: ArticleText, with_vectors: bool = True) -> list[PassageMatch]:
    return [one for one in match(*articles, with_vectors=with_vectors) if one.is_match]


def wire(*texts: str, **more: object) -> ArticleText:
    return write_article("a-wire", list(texts), outlet="Reuters", agency="Reuters", **more)  # type: ignore[arg-type]


def paper(*texts: str, **more: object) -> ArticleText:
    more = {"published_at": NOON + timedelta(hours=5), **more}
    return write_article("b-paper", list(texts), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("with_vectors", [True, False])
def test_a_copied_paragraph_is_found_with_exact_offsets_and_without_its_dateline(
    with_vectors: bool,
) -> None:
    donor = wire("VELMORA, May 1 (Reuters) - " + HARBOUR[0], *HARBOUR[1:])
    host = paper(GARDEN[0], HARBOUR[0], GARDEN[1])
    (found,) = accepted(donor, host, with_vectors=with_vectors)
    assert found.relation is Relation.VERBATIM
    assert body_text(donor)[found.left_begin : found.left_end] == HARBOUR[0]
    assert body_text(host)[found.right_begin : found.right_end] == HARBOUR[0]
    assert found.containment_left == found.containment_right == 1.0


def test_quotation_marks_dashes_and_case_make_no_difference() -> None:
    text = (
        "“The channel is closed,” said Ida Wren — the harbour master — on Tuesday in Velmora town."
    )
    plain = (
        '"The channel is closed," said Ida Wren - the harbour master - on Tuesday in VELMORA town.'
    )
    (found,) = accepted(wire(text, *HARBOUR), paper(plain, HARBOUR[1], *GARDEN))[:1]
    assert found.relation is Relation.VERBATIM


def test_an_edited_paragraph_is_found() -> None:
    edited = (
        "Velmora's harbour was closed on Tuesday after a freighter with 340 containers ran aground "
        "on a sandbank east of the old lighthouse, port officials said."
    )
    (found,) = accepted(wire(*HARBOUR), paper(GARDEN[0], edited, GARDEN[1]))
    assert found.relation is Relation.EDITED
    assert found.reason.startswith("18 of 25 words in shared runs")


def test_swapped_sentences_are_still_one_match() -> None:
    first, second = "The pilots warned of silt in March this year.", HARBOUR[3]
    (found,) = accepted(
        wire(f"{first} {second}", HARBOUR[0]), paper(GARDEN[0], f"{second} {first}")
    )
    assert found.containment_left == found.containment_right == 1.0


def test_a_paragraph_split_in_two_is_one_match() -> None:
    host = paper(GARDEN[0], HARBOUR[0], HARBOUR[1], GARDEN[1])
    (found,) = accepted(wire(f"{HARBOUR[0]} {HARBOUR[1]}", HARBOUR[3]), host)
    text = body_text(host)
    assert text[found.right_begin : found.right_end] == f"{HARBOUR[0]}\n\n{HARBOUR[1]}"


def test_two_paragraphs_merged_are_one_match() -> None:
    donor = wire(*HARBOUR)
    (found,) = accepted(donor, paper(GARDEN[0], f"{HARBOUR[1]} {HARBOUR[2]}", GARDEN[1]))
    text = body_text(donor)
    assert text[found.left_begin : found.left_end] == f"{HARBOUR[1]}\n\n{HARBOUR[2]}"


def test_copy_inside_a_long_paragraph_is_cut_to_the_copied_words() -> None:
    own = " ".join([*GARDEN, *(text.replace("She", "He") for text in GARDEN[1:])])
    host = paper(f"{own} {HARBOUR[1]}")
    (found,) = accepted(wire(*HARBOUR), host)
    assert body_text(host)[found.right_begin : found.right_end] == HARBOUR[1]


def test_same_template_with_other_figures_is_no_match_and_says_why() -> None:
    donor = wire(
        "Shares in Velmora closed 12 points lower on Monday, led by Aldric Shipping, which lost "
        "3.4 percent after its chairman Bram Holt resigned.",
        HARBOUR[0],
    )
    host = paper(
        "Shares in Ostrin closed 17 points higher on Thursday, led by Pell Foundry, which gained "
        "5.9 percent after its founder Greta Lund returned.",
        GARDEN[0],
    )
    verdicts = match(donor, host)
    assert not [one for one in verdicts if one.is_match]
    assert all("figures differ: " in one.reason for one in verdicts)


def test_a_shared_quotation_alone_is_marked_as_quotation() -> None:
    words = (
        "“We have moved that ship with every tug on this coast and it has not shifted by one inch, "
        "and I will not send men out again before the spring tide,”"
    )
    donor = wire(f"{words} harbour master Ida Wren told a news conference.", HARBOUR[2])
    host = paper(f"Asked whether work would go on, Wren answered: {words}", GARDEN[0])
    verdicts = match(donor, host)
    assert [one.relation for one in verdicts] == [Relation.QUOTATION]
    assert not verdicts[0].is_match


def test_a_quotation_copied_with_the_text_around_it_is_copy() -> None:
    text = (
        "“We have moved that ship with every tug on this coast,” harbour master Ida Wren told "
        "growers who had gathered at the fish market in Velmora to ask when their fruit would sail."
    )
    (found,) = accepted(wire(text, HARBOUR[2]), paper(text, GARDEN[0]))
    assert found.relation is Relation.VERBATIM


def test_a_polite_formula_alone_is_no_match() -> None:
    formula = "The ministry did not immediately respond to a request for comment."
    assert not accepted(wire(HARBOUR[0], formula), paper(GARDEN[0], formula))


def test_words_an_outlet_repeats_every_day_are_no_match() -> None:
    line = (
        "The Morning Herald depends on its readers, who pay for all the "
        "reporting that nobody else in the valley can afford to do."
    )
    daily = [
        write_article(f"c{day}", [GARDEN[day % 3], line], published_at=NOON + timedelta(days=day))
        for day in range(3)
    ]
    other = write_article("d", [HARBOUR[0], line], outlet="Valley Post")
    assert not accepted(*daily, other)
    assert accepted(daily[0], other), "it is the repetition that tells"


def test_articles_of_one_publisher_are_not_compared() -> None:
    left = write_article("a", HARBOUR, outlet="Morning Herald - News")
    right = write_article("b", HARBOUR, outlet="The Morning Herald (Opinion)")
    assert match(left, right) == []


def test_articles_further_apart_than_the_window_are_not_compared() -> None:
    late = replace(paper(*HARBOUR), published_at=NOON + timedelta(days=11))
    assert match(wire(*HARBOUR), late) == []
    assert len(accepted(wire(*HARBOUR), replace(late, published_at=None))) == len(HARBOUR)


def test_only_body_paragraphs_are_compared() -> None:
    host = paper(GARDEN[0], HARBOUR[0], kinds=[ParagraphKind.BODY, ParagraphKind.CAPTION])
    assert match(wire(*HARBOUR), host) == []


def test_pairs_without_a_new_article_are_left_out() -> None:
    articles = [wire(*HARBOUR), paper(*HARBOUR)]
    assert match_passages(articles, None, np.array([False, False]), MatchSettings()) == []
    with pytest.raises(ValueError, match="3 entries for 2 articles"):
        match_passages(articles, None, np.ones(3, dtype=bool), MatchSettings())


def test_text_in_another_script_is_matched() -> None:
    text = "港口星期二关闭，一艘载有三百四十个集装箱的货船在旧灯塔以东的沙洲搁浅，港务局说。"
    assert len(accepted(wire(text), paper(text), with_vectors=False)) == 1


def test_thresholds_move_without_matching_again() -> None:
    found = match(wire(*HARBOUR), paper(*HARBOUR, *GARDEN))
    assert [one.is_match for one in found] == [True] * 4
    verdicts = [replace(one, score=0.8) for one in found]
    strict = rethreshold(verdicts, MatchSettings(min_score_verbatim=0.9))
    assert [one.is_match for one in strict] == [False] * 4
    back = rethreshold(strict, MatchSettings())
    assert back == verdicts
    assert all(a is b for a, b in zip(back, rethreshold(back, MatchSettings()), strict=True))


def _archive() -> list[ArticleText]:
    texts = [*HARBOUR, *GARDEN]
    return [
        write_article(
            f"n{i}",
            [texts[i % 7], texts[(i * 3 + 1) % 7], texts[(i * 5 + 2) % 7]],
            outlet=f"Outlet {'ABCDEF'[i]}",
            agency="Reuters" if i == 2 else None,
            published_at=NOON + timedelta(hours=7 * i),
        )
        for i in range(6)
    ]


@pytest.mark.heavy
@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_batches_and_their_order_make_no_difference(shuffler: random.Random, size: int) -> None:
    archive = _archive()
    vectors = embed_words(archive)
    at_once = match_passages(archive, vectors, np.ones(6, dtype=bool), MatchSettings())
    order = list(archive)
    shuffler.shuffle(order)
    found: list[PassageMatch] = []
    for begin in range(0, len(order), size):
        known = order[: begin + size]
        is_new = np.arange(len(known)) >= begin
        found += match_passages(known, vectors, is_new, MatchSettings())
    key = [(m.left_article_id, m.right_article_id, m.left_begin, m.right_begin) for m in at_once]
    assert at_once
    assert sorted(found, key=repr) == sorted(at_once, key=repr)
    assert len(set(key)) == len(key)


def test_market_reports_of_two_days_are_no_match_although_the_agency_is_credited() -> None:
    monday = (
        "The Halden 50 Index added 0.8 percent to 4,612.35 at the close in Halden Bay on Monday, "
        "with 34 shares advancing and 14 falling. Volume was 11 percent above the average."
    )
    tuesday = (
        "The Halden 50 Index lost 1.1 percent to 4,561.62 at the close in Halden Bay on Tuesday, "
        "with 12 shares advancing and 36 falling. Volume was 27 percent above the average."
    )
    donor, host = wire(monday, HARBOUR[0]), paper(tuesday, HARBOUR[0], credited=["Reuters"])
    (found,) = accepted(donor, host)
    assert body_text(host)[found.right_begin : found.right_end] == HARBOUR[0]
