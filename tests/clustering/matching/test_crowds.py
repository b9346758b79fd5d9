"""One text in very many places: what is compared, and that nothing comes out otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import (
    ArticleId,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    TimePrecision,
)
from wirethread.clustering.candidates.search import MOST_NEIGHBOURS, find_candidates
from wirethread.clustering.crowds.same_texts import SameTexts
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching import verdicts
from wirethread.clustering.matching.evidence import measure_pairs
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.outlets import number_publishers
from wirethread.clustering.paragraphs.table import build_paragraph_table
from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.duplicates import find_duplicates
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.newsrooms import count_newsrooms
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.embedding import HashingEncoder

AGENCY_TEXT = (
    "The parliament of Norvia elected a beekeeper as president on Thursday after forty-one ballots,"
    " and she asked for a glass of water before she said a word to the members who had chosen her.",
    "Alma Torv, 58, had gone to the gallery as a visitor and was put forward by a member who had"
    " grown tired of the two candidates whom neither half of the chamber would let the other have.",
    "She said that she would think about it overnight, that her bees came first, and that somebody"
    " would have to mind the hives on the hill above Velm while the snow lay on the road.",
    "The two parties that had fought over the office since the spring said in one statement that"
    " they would respect the vote, and that the price of honey would not be a matter of state.",
)
OWN_WORDS = [
    f"{first}{last}"
    for first in ("har", "quar", "orches", "fer", "tar", "glac", "mid", "lan", "can", "sno", "wil")
    for last in ("bour", "ry", "tra", "ton", "iff", "ier", "wife", "tern", "al", "ley", "der")
]
AGENCY = "Reuters"


def make_copies(n: int, *, seed: int = 1) -> list[ArticleText]:
    """An agency's text and its prints: whole, cut, reworded in places, with words of their own."""
    chance = np.random.default_rng(seed)
    articles = []
    for number in range(n):
        body = list(AGENCY_TEXT)
        if number % 3 == 1:
            body = body[: int(chance.integers(2, 4))]
        if number % 4 == 2:
            words = body[0].split()
            for place in chance.integers(3, len(words), 3).tolist():
                words[place] = str(chance.choice(OWN_WORDS))
            body[0] = " ".join(words)
        if number % 5 == 3:
            own = " ".join(chance.choice(OWN_WORDS, 22).tolist())
            body.insert(int(chance.integers(len(body))), f"In {own}.")
        articles.append(
            write_article(
                f"a{(number * 7) % n:03}",
                outlet=AGENCY if number == 5 else f"Paper {number}",
                agency=AGENCY if number == 5 else None,
                credits_agency=number % 2 == 0,
                minutes=(number * 13) % n if number != 5 else -30,
                paragraphs=body,
            )
        )
    return articles


def write_article(
    article_id: str,
    *,
    outlet: str,
    paragraphs: list[str],
    agency: str | None = None,
    credits_agency: bool = False,
    minutes: float = 0,
) -> ArticleText:
    begins = [0]
    for text in paragraphs:
        begins.append(begins[-1] + len(text) + 2)
    return ArticleText(
        article_id=ArticleId(article_id),
        outlet=outlet,
        language="en",
        headline=f"Headline of {outlet}",
        published_at=datetime(2026, 11, 5, 9, tzinfo=UTC) + timedelta(minutes=minutes),
        published_precision=TimePrecision.SECOND,
        agency=agency,
        credited_agencies=frozenset({AGENCY}) if credits_agency or agency else frozenset(),
        paragraphs=[
            Paragraph(
                paragraph_id=ParagraphId(f"{article_id}-{position}"),
                article_id=ArticleId(article_id),
                position=position,
                kind=ParagraphKind.BODY,
                text=text,
                begin=begin,
                end=begin + len(text),
                text_hash=hash_text(text),
            )
            for position, (text, (begin, _)) in enumerate(
                zip(paragraphs, pairwise(begins), strict=True)
            )
        ],
    )


def embed(articles: list[ArticleText]) -> VectorTable:
    texts = {one.text_hash: one.text for article in articles for one in article.paragraphs}
    hashes = sorted(texts)
    return VectorTable(
        hashes=np.array(hashes, dtype=np.int64),
        vectors=HashingEncoder(64).encode([texts[one] for one in hashes]),
    )


def decide(articles: list[ArticleText], settings: MatchSettings, *, n_batches: int = 1):
    """Everything that is told of the articles, taken in so many batches."""
    vectors = embed(articles)
    batch_of = np.arange(len(articles)) * n_batches // len(articles)
    verdicts = []
    for batch in range(n_batches):
        known = [article for article, at in zip(articles, batch_of, strict=True) if at <= batch]
        is_new = batch_of[batch_of <= batch] == batch
        verdicts += match_passages(known, vectors, is_new, settings)
    passages = join_passages(verdicts, articles)
    matches = [one for one in verdicts if one.is_match]
    derivations = derive_articles(articles, passages, matches)
    duplicates = find_duplicates(articles)
    return verdicts, passages, derivations, duplicates


def describe(passages, derivations):
    """What a reader sees, without the ids that follow from it."""
    told = sorted(
        (
            tuple((place.article_id, place.begin, place.end) for place in passage.places),
            passage.origin_article_id,
            passage.agency,
            passage.confidence,
            passage.evidence,
            passage.reason,
        )
        for passage in passages
    )
    shares = {
        derivation.article_id: (
            derivation.derivation,
            derivation.wire_share,
            derivation.copied_share,
            derivation.reason,
        )
        for derivation in derivations
    }
    return told, shares


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_anchors_tell_the_same_as_all_pairs(seed):
    articles = make_copies(48, seed=seed)
    everything = MatchSettings(max_postings=1_000)
    plain = decide(articles, everything)
    anchored = decide(articles, replace(everything, max_postings=4))
    assert len(anchored[0]) < len(plain[0]) / 3
    assert describe(*anchored[1:3]) == describe(*plain[1:3])
    counts = [
        count_newsrooms(articles, derivations, passages, duplicates)
        for _, passages, derivations, duplicates in (plain, anchored)
    ]
    assert counts[0].n_independent == counts[1].n_independent


@pytest.mark.heavy
def test_batches_make_no_difference_to_copy_that_ran_everywhere():
    articles = make_copies(48)
    settings = MatchSettings(max_postings=4)
    at_once = decide(articles, settings)
    for n_batches in (2, 5, 24):
        assert describe(*decide(articles, settings, n_batches=n_batches)[1:3]) == describe(
            *at_once[1:3]
        )


@pytest.mark.heavy
def test_what_is_kept_of_a_text_grows_with_its_places():
    kept = {n: len(decide(make_copies(n), MatchSettings(max_postings=4))[0]) for n in (60, 120)}
    assert kept[120] < 2.4 * kept[60]


@pytest.mark.heavy
def test_a_print_that_rewords_the_text_is_found_by_the_anchor():
    articles = make_copies(40)
    reworded = write_article(
        "z99",
        outlet="Evening Star",
        credits_agency=True,
        minutes=200,
        paragraphs=[
            "A beekeeper was elected president of Norvia by its parliament on Thursday after"
            " forty-one ballots, and asked for a glass of water.",
            AGENCY_TEXT[1],
        ],
    )
    told = []
    for max_postings in (4, 1_000):
        _, passages, derivations, _ = decide(
            [*articles, reworded], MatchSettings(max_postings=max_postings)
        )
        told.append(describe(passages, derivations))
    assert told[0] == told[1]


def test_forms_filled_in_with_other_facts_are_compared_with_a_few_only():
    chance = np.random.default_rng(4)
    places = [f"{chance.choice(OWN_WORDS)}ton{number}" for number in range(80)]
    articles = [
        write_article(
            f"w{number:03}",
            outlet=f"Paper {number}",
            minutes=0,
            paragraphs=[
                f"{place.capitalize()} will see showers on Monday, with a high of {number % 17}"
                f" degrees and a low of {number % 11} degrees in the hours before dawn.",
                f"Winds from the north reach {number % 37} kilometres an hour near {place}, the"
                " weather service says, and the chance of rain stands at one in three.",
            ],
        )
        for number, place in enumerate(places)
    ]
    verdicts, _, _, _ = decide(articles, MatchSettings(max_postings=8, keep_score=0.0))
    pairs = {(one.left_article_id, one.right_article_id) for one in verdicts}
    assert len(pairs) < 12 * len(articles)


@pytest.mark.parametrize("with_vectors", [False, True])
def test_what_was_decided_of_the_same_texts_is_what_each_pair_says(
    with_vectors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = make_copies(40)
    # the same body under a short line stands elsewhere in its article
    articles += [
        write_article(
            f"b{number:03}",
            outlet=f"Gazette {number}",
            minutes=number * 17 % 60,
            credits_agency=number % 3 == 0,
            agency=AGENCY if number == 7 else None,
            paragraphs=["x" * (number % 4 + 1), *AGENCY_TEXT],
        )
        for number in range(12)
    ]
    vectors = embed(articles) if with_vectors else None
    everything = np.ones(len(articles), dtype=bool)
    found = match_passages(articles, vectors, everything, MatchSettings())
    monkeypatch.setattr(SameTexts, "name", lambda self, article: None)
    plainly = match_passages(articles, vectors, everything, MatchSettings())
    assert list(map(repr, found)) == list(map(repr, plainly))
    assert len(found) > 500
    assert {match.left_begin for match in found} > {0, 3, 4, 5, 6}


def test_one_text_in_many_papers_is_measured_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def count(*arguments: Any) -> Any:
        measured.append(arguments[1:3])
        return measure_pairs(*arguments)

    monkeypatch.setattr(verdicts, "measure_pairs", count)
    articles = [
        write_article(
            f"a{number:03}", outlet=f"Paper {number}", minutes=number, paragraphs=[*AGENCY_TEXT]
        )
        for number in range(60)
    ]
    match_passages(articles, None, np.ones(60, dtype=bool), MatchSettings())
    assert 1 <= len(measured) <= 3


def make_babble(n: int) -> list[ArticleText]:
    """Articles of a few words, in any order: each is near every other and says nothing."""
    chance = np.random.default_rng(8)
    return [
        write_article(
            f"b{number:04}",
            outlet=f"Paper {number}",
            minutes=number,
            paragraphs=[" ".join(chance.choice(OWN_WORDS[:27], 20).tolist()) for _ in range(2)],
        )
        for number in range(n)
    ]


def test_texts_of_the_same_few_words_are_compared_with_a_bounded_number() -> None:
    n_pairs = {}
    for n in (100, 200):
        articles = make_babble(n)
        table = build_paragraph_table(articles, embed(articles), min_words=4)
        left, _ = find_candidates(
            table, np.ones(n, dtype=bool), number_publishers(articles), MatchSettings()
        )
        n_pairs[n] = len(left)
    assert n_pairs[200] <= 2 * 200 * (MOST_NEIGHBOURS + 4)
    assert n_pairs[200] < 2.4 * n_pairs[100]


@pytest.mark.heavy
def test_batches_make_no_difference_to_texts_of_the_same_few_words() -> None:
    articles = make_babble(90)
    settings = MatchSettings(keep_score=0.02)
    at_once, *_ = decide(articles, settings)
    in_batches, *_ = decide(articles, settings, n_batches=6)
    assert at_once
    assert sorted(map(repr, in_batches)) == sorted(map(repr, at_once))
