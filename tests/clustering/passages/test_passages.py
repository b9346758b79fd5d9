import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tests.clustering.writing import GARDEN, HARBOUR, write_article
from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    ParagraphState,
    PassageMatch,
    Relation,
    TimePrecision,
)
from wirethread.articles.types.copy import Passage
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.outlets import is_agency_outlet
from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.duplicates import find_duplicates
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.newsrooms import count_newsrooms
from wirethread.clustering.types import ArticleText

OWN = {
    "Alpha": GARDEN[0],
    "Beta": GARDEN[1],
    "Gamma": GARDEN[2],
    "Delta": "Nobody at the chess club remembers who carved the missing queen, but she has stood in "
    "the cupboard since before the war and still takes her turn.",
}
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def join(*articles: ArticleText, previous: tuple[Passage, ...] = ()) -> list[Passage]:
    matches = match_passages(articles, None, np.ones(len(articles), dtype=bool), MatchSettings())
    return join_passages(matches, articles, previous)


def wire(article_id: str = "w", hours: int = 0, **more: object) -> ArticleText:
    return write_article(
        article_id,
        [HARBOUR[0]],
        outlet="Reuters",
        agency="Reuters",
        published_at=NOON + timedelta(hours=hours),
        **more,  # type: ignore[arg-type]
    )


def paper(name: str, hours: int, texts: tuple[str, ...] = (), **more: object) -> ArticleText:
    return write_article(
        f"p-{name}",
        [OWN[name], HARBOUR[0], *texts],
        outlet=name,
        published_at=NOON + timedelta(hours=hours),
        **more,  # type: ignore[arg-type]
    )


def link(left: str, right: str, relation: Relation = Relation.PARAPHRASE) -> PassageMatch:
    return PassageMatch(
        left_article_id=ArticleId(min(left, right)),
        right_article_id=ArticleId(max(left, right)),
        left_begin=0,
        left_end=100,
        right_begin=0,
        right_end=100,
        relation=relation,
        score=0.8,
        similarity=0.7,
        containment_left=0.3,
        containment_right=0.3,
        is_match=True,
        reason="",
    )


def test_the_agencys_own_article_is_the_origin() -> None:
    (passage,) = join(wire(), paper("Alpha", 2), paper("Beta", 3))
    assert [place.article_id for place in passage.places] == ["p-Alpha", "p-Beta", "w"]
    assert (passage.origin_article_id, passage.agency, passage.confidence) == ("w", "Reuters", 0.95)


def test_an_agency_article_later_than_a_copy_is_not_the_origin() -> None:
    (passage,) = join(wire(hours=9), paper("Alpha", 2))
    assert passage.origin_article_id is None
    assert passage.agency == "Reuters"
    assert passage.confidence < 1
    assert "Alpha had it earlier" in passage.reason


def test_an_agency_is_inferred_from_credits_with_its_evidence() -> None:
    (passage,) = join(paper("Alpha", 2, credited=["AP"]), paper("Beta", 3, credited=["AP"]))
    assert passage.agency == "AP"
    assert passage.confidence == 0.75
    assert passage.evidence == "AP contributed to this report."
    assert passage.evidence_article_id == "p-Alpha"


def test_one_credit_among_many_carriers_names_no_agency() -> None:
    articles = [paper(name, i) for i, name in enumerate(["Beta", "Gamma", "Delta"])]
    (passage,) = join(paper("Alpha", 9, credited=["AP"]), *articles)
    assert passage.agency is None
    assert passage.origin_article_id == "p-Beta"


def test_a_mere_day_never_makes_an_outlet_first() -> None:
    morning = paper("Alpha", -12, precision=TimePrecision.DAY)
    (passage,) = join(morning, paper("Beta", 3))
    assert passage.origin_article_id is None
    assert passage.reason.startswith("unknown")
    days_before = replace(morning, published_at=NOON - timedelta(days=3))
    assert join(days_before, paper("Beta", 3))[0].origin_article_id == "p-Alpha"


def test_origin_moves_and_id_stays_when_the_agencys_article_arrives_later() -> None:
    alpha, beta = paper("Alpha", 2), paper("Beta", 3)
    (before,) = join(alpha, beta)
    assert before.origin_article_id == "p-Alpha"
    (after,) = join(alpha, beta, wire("a-wire"), previous=(before,))
    assert after.passage_id == before.passage_id
    assert after.origin_article_id == "a-wire"


def test_a_chain_of_rewordings_does_not_become_one_passage() -> None:
    names = ["a", "b", "c", "d", "e"]
    articles = [write_article(name, [HARBOUR[0] + GARDEN[0]], outlet=name) for name in names]
    chain = [link(left, right) for left, right in pairwise(names)]
    passages = join_passages(chain, articles)
    assert max(len(passage.places) for passage in passages) == 3
    star = [link("a", other) for other in names[1:]]
    (passage,) = join_passages(star, articles)
    assert len(passage.places) == 5


def test_rejected_verdicts_join_nothing() -> None:
    articles = [write_article(name, [HARBOUR[0]], outlet=name) for name in "ab"]
    assert join_passages([replace(link("a", "b"), is_match=False)], articles) == []


def test_order_of_arrival_does_not_change_passages() -> None:
    articles = [wire(), *(paper(name, i) for i, name in enumerate(["Alpha", "Beta", "Gamma"], 1))]
    matches = match_passages(articles, None, np.ones(4, dtype=bool), MatchSettings())
    expected = join_passages(matches, articles)
    for seed in range(5):
        shuffled, others = list(matches), list(articles)
        random.Random(seed).shuffle(shuffled)
        random.Random(seed).shuffle(others)
        assert join_passages(shuffled, others) == expected


def test_derivation_states_share_and_paragraphs() -> None:
    source, host = wire(), paper("Alpha", 2)
    own, derived = derive_articles([source, host], join(source, host))
    assert (own.derivation, own.wire_share) == (Derivation.NOT, 0.0)
    assert derived.derivation is Derivation.PARTLY
    share = len(HARBOUR[0]) / (len(HARBOUR[0]) + len(OWN["Alpha"]))
    assert abs(derived.wire_share - share) < 1e-4
    assert list(derived.share_by_agency) == ["Reuters"]
    assert [one.agency for one in derived.paragraphs] == [None, "Reuters"]


@pytest.mark.parametrize(
    ("literal", "credited", "said"),
    [
        ("AP", (), "AP"),
        ("Reuters", (), "Reuters"),
        ("Reuters", ("AP",), "Reuters"),
        (None, ("AP",), "AP"),
        (None, ("Reuters",), "Reuters"),
    ],
)
def test_a_paragraph_that_two_agencies_have_is_given_to_the_likelier_one(
    literal: str | None, credited: tuple[str, ...], said: str
) -> None:
    agencies = {"w-ap": "AP", "x-reuters": "Reuters"}
    articles = [
        write_article(name, [HARBOUR[0]], outlet=agency, agency=agency, published_at=NOON)
        for name, agency in agencies.items()
    ]
    host = write_article(
        "h", [HARBOUR[0]], credited=credited, published_at=NOON + timedelta(hours=4)
    )
    matches = [
        link("h", name, Relation.VERBATIM if agency == literal else Relation.PARAPHRASE)
        for name, agency in agencies.items()
    ]
    passages = join_passages(matches, [*articles, host])
    assert {one.agency for one in passages} == {"AP", "Reuters"}
    for order in (passages, passages[::-1]):
        derived = derive_articles([*articles, host], order, matches)[2]
        assert [one.agency for one in derived.paragraphs] == [said]
        assert list(derived.share_by_agency) == [said]


def test_the_agencys_own_outlet_comes_before_a_paper_that_printed_its_article() -> None:
    printed = write_article(
        "a-print", [HARBOUR[0]], outlet="Japan Times", agency="AP", published_at=NOON
    )
    own = write_article(
        "b-own",
        [HARBOUR[0]],
        outlet="Associated Press",
        agency="AP",
        published_at=NOON + timedelta(hours=1),
    )
    (passage,) = join(printed, own, paper("Alpha", 5))
    assert passage.origin_article_id == "b-own"
    # A copy that ran before it can only have come from the print.
    (passage,) = join(
        printed, replace(own, published_at=NOON + timedelta(days=1)), paper("Beta", 5)
    )
    assert (passage.origin_article_id, passage.confidence) == ("a-print", 0.95)


def test_an_agencys_article_in_a_paper_is_wholly_derived() -> None:
    printed = write_article("x", HARBOUR, outlet="Valley Post", agency="AP")
    original = write_article("y", HARBOUR, outlet="The Associated Press", agency="AP")
    assert is_agency_outlet(original) and not is_agency_outlet(printed)
    derived, own = derive_articles([printed, original], [])
    assert (derived.derivation, derived.wire_share) == (Derivation.WHOLLY, 0.0), "traced to nobody"
    assert {(one.state, one.agency) for one in derived.paragraphs} == {
        (ParagraphState.DECLARED, "AP")
    }
    assert own.derivation is Derivation.NOT
    assert {one.state for one in own.paragraphs} == {ParagraphState.OWN}


def test_copies_editions_and_derived_articles_count_once() -> None:
    articles = [
        write_article("a", HARBOUR, outlet="Reuters", agency="Reuters", published_at=NOON),
        write_article("b", HARBOUR, outlet="Alpha", published_at=NOON + timedelta(hours=1)),
        write_article("c", GARDEN, outlet="Beta - News", published_at=NOON),
        write_article("d", [GARDEN[0] + " More."], outlet="Beta (Opinion)", published_at=NOON),
        paper("Delta", 4),
    ]
    passages = join(*articles)
    derivations = derive_articles(articles, passages)
    count = count_newsrooms(articles, derivations, passages, find_duplicates(articles))
    verdicts = {one.article_id: one for one in count.verdicts}
    assert count.n_independent == 3
    assert verdicts[ArticleId("b")].counted_with == "a"
    assert verdicts[ArticleId("d")].counted_with == "c"
    assert "of the same publisher" in verdicts[ArticleId("d")].reason
    assert verdicts[ArticleId("p-Delta")].is_counted, "partly derived: it has words of its own"


def compare_articles(left: ArticleText, right: ArticleText) -> float:
    """The exact twin: runs of five words that both articles have, of all that either has."""
    runs = []
    for article in (left, right):
        words = [word for part in article.paragraphs for word in tokenize_words(part.text)]
        runs.append({tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))})
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


def test_duplicates_agree_with_comparing_every_pair() -> None:
    random.seed(3)
    words = " ".join([*HARBOUR, *GARDEN]).split()
    articles = []
    for i in range(24):
        text = list(words if i % 3 else reversed(words))
        for _ in range(random.choice([0, 1, 4, 40])):
            text[random.randrange(len(text))] = f"word{random.randrange(999)}"
        articles.append(write_article(f"a{i:02}", [" ".join(text)], outlet=f"Outlet {i}"))
    clusters = find_duplicates(articles)
    assert clusters
    by_id = {one.article_id: one for one in articles}
    inside = {one: cluster for cluster in clusters for one in cluster.article_ids}
    for left in articles:
        near = [o for o in articles if o is not left and compare_articles(left, o) >= 0.7]
        assert (left.article_id in inside) == bool(near)
    for cluster in clusters:
        longest = max(cluster.article_ids, key=lambda one: len(by_id[one].paragraphs[0].text))
        likeness = [compare_articles(by_id[longest], by_id[o]) for o in cluster.article_ids]
        assert min(likeness) > 0.5


def test_exact_copies_are_one_cluster_with_the_agency_as_origin() -> None:
    copies = [
        write_article("b", HARBOUR, outlet="Alpha", published_at=NOON),
        write_article("a", HARBOUR, outlet="AP", agency="AP", published_at=None),
        write_article("c", GARDEN, outlet="Beta"),
    ]
    (cluster,) = find_duplicates(copies)
    assert cluster.article_ids == ["a", "b"]
    assert cluster.representative_id == cluster.origin_id == "a"


def test_a_weak_rewording_is_a_passage_of_its_own_beside_the_copies() -> None:
    names = ["a", "b", "c"]
    articles = [
        write_article(
            name, [HARBOUR[0] + GARDEN[0]], outlet=name, agency="Reuters" if name == "a" else None
        )
        for name in names
    ]
    copy = replace(
        link("a", "b"), relation=Relation.VERBATIM, containment_left=1.0, containment_right=1.0
    )
    passages = join_passages([copy, link("a", "c")], articles)
    assert sorted([place.article_id for place in one.places] for one in passages) == [
        ["a", "b"],
        ["a", "c"],
    ]
    credited = [replace(one, credited_agencies=frozenset({"Reuters"})) for one in articles]
    (joined,) = join_passages([copy, link("a", "c")], credited)
    assert [place.article_id for place in joined.places] == names
