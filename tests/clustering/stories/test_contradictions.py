"""What was said before rules out what contradicts it, through any chain."""

from datetime import UTC, datetime

from wirethread.articles.types.articles import Correction, CorrectionKind
from wirethread.clustering.stories.contradictions import find_contradiction


def say(kind: CorrectionKind, left: str, right: str) -> Correction:
    return Correction(
        correction_id=f"{left}{kind.value}{right}",
        kind=kind,
        left_id=left,
        right_id=right,
        title=None,
        said_by="Ines",
        reason="",
        said_at=datetime(2024, 3, 11, tzinfo=UTC),
    )


TOGETHER, APART = CorrectionKind.TOGETHER, CorrectionKind.APART


def test_parting_two_articles_that_a_chain_joins_is_refused_with_the_chain() -> None:
    held = [say(TOGETHER, "a", "b"), say(TOGETHER, "c", "b"), say(TOGETHER, "x", "y")]
    assert find_contradiction(held, say(APART, "a", "c")) == [held[0], held[1]]


def test_joining_two_groups_that_hold_a_parted_pair_is_refused() -> None:
    held = [say(TOGETHER, "a", "b"), say(TOGETHER, "c", "d"), say(APART, "b", "d")]
    chain = find_contradiction(held, say(TOGETHER, "a", "c"))
    assert chain is not None
    assert set(map(id, chain)) == set(map(id, held))


def test_joining_across_a_parted_pair_itself_is_refused() -> None:
    held = [say(APART, "a", "b")]
    assert find_contradiction(held, say(TOGETHER, "b", "a")) == held


def test_what_fits_is_not_refused() -> None:
    held = [say(TOGETHER, "a", "b"), say(APART, "c", "d")]
    assert find_contradiction(held, say(TOGETHER, "b", "c")) is None
    assert find_contradiction(held, say(APART, "a", "c")) is None


def test_saying_the_same_again_is_no_contradiction() -> None:
    held = [say(TOGETHER, "a", "b"), say(APART, "c", "d")]
    assert find_contradiction(held, say(TOGETHER, "a", "b")) is None
    assert find_contradiction(held, say(APART, "c", "d")) is None
