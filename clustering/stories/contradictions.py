"""Whether what a person says now contradicts what was said before, and through which chain."""

from collections import deque
from collections.abc import Iterable, Sequence

from wirethread.articles.types.articles import Correction, CorrectionKind

__all__ = ["find_contradiction"]


def find_contradiction(
    corrections: Iterable[Correction], new: Correction
) -> list[Correction] | None:
    """Return the earlier corrections that `new` contradicts, as a chain; None where it fits.

    `TOGETHER` holds from one to the next, so `new` may contradict several at once: A with B and B
    with C rule out A apart from C.
    """
    held = [
        correction for correction in corrections if correction.correction_id != new.correction_id
    ]
    joins = [one for one in held if one.kind is CorrectionKind.TOGETHER]
    if new.right_id is None:
        return None
    if new.kind is CorrectionKind.APART:
        return find_chain(joins, new.left_id, new.right_id)
    if new.kind is CorrectionKind.TOGETHER:
        for apart in held:
            if apart.kind is not CorrectionKind.APART or apart.right_id is None:
                continue
            for first_id, second_id in ((new.left_id, new.right_id), (new.right_id, new.left_id)):
                before = find_chain(joins, apart.left_id, first_id)
                after = find_chain(joins, second_id, apart.right_id)
                if before is not None and after is not None:
                    return [*before, *after, apart]
    return None


def find_chain(joins: Sequence[Correction], begin: str, end: str) -> list[Correction] | None:
    """Return the shortest chain of joins from `begin` to `end`; empty where they are one."""
    reached: dict[str, list[Correction]] = {begin: []}
    waiting = deque([begin])
    while waiting:
        here = waiting.popleft()
        if here == end:
            return reached[here]
        for join in joins:
            if join.right_id is None or here not in (join.left_id, join.right_id):
                continue
            there = join.right_id if here == join.left_id else join.left_id
            if there not in reached:
                reached[there] = [*reached[here], join]
                waiting.append(there)
    return None
