"""Which articles still run what an agency changed or withdrew, and in which words."""

from collections.abc import Mapping, Sequence

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.credits.notices import rank_kind
from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.articles.types.changes import (
    SILENT,
    WITHDRAWN,
    ArticleNotice,
    NoticeKind,
    NoticeTie,
    OutdatedPassage,
)
from wirethread.clustering.changes.outdating import (
    Change,
    find_changes,
    find_old_words,
    is_resent,
    read_replacements,
)
from wirethread.clustering.outlets import are_one_publisher, is_agency_outlet
from wirethread.clustering.types import ArticleText

__all__ = ["Spans", "find_outdated_passages", "gather_spans"]

Spans = Mapping[ArticleId, Mapping[ArticleId, Sequence[tuple[int, int, int, int]]]]
"""By older text and copy: begin and end in the copy, and in the older text."""


def find_outdated_passages(
    pairs: Sequence[tuple[ArticleId, ArticleId, bool]],
    texts: Mapping[ArticleId, ArticleText],
    *,
    spans: Spans,
    series: Mapping[ArticleId, ArticleId],
    notices: Mapping[ArticleId, Sequence[ArticleNotice]],
    ties: Mapping[ArticleId, NoticeTie],
) -> list[OutdatedPassage]:
    """Return the passages of copies that still have words which a newer text took back.

    `pairs` are an older text, the newer one about it, and whether that is a later version of the
    same article. `series` names the series that an article stands in, in the order of its versions;
    `notices` and `ties` are those of the newer texts. Nothing is told of texts of no agency, nor of
    a text that was changed without a notice by somebody else than the agency.
    """
    found: list[OutdatedPassage] = []
    for old, new, is_version in pairs:
        agency = texts[old].agency
        notice = choose_notice(notices.get(new, []))
        if agency is None or (notice is None and not (is_version and is_of_agency(texts[old]))):
            continue
        kind = notice.kind if notice else NoticeKind.UPDATE
        changes = list_changes(texts[old], texts[new], kind, is_version=is_version)
        reason = (
            "a later version of the same article"
            if is_version
            else ties[new].reason
            if new in ties
            else ""
        )
        for copy, places in sorted(spans.get(old, {}).items()):
            if may_be_outdated(texts, series, copy, old, new):
                found += describe_copies(
                    texts[copy], places, changes, texts[old], agency, kind, new,
                    notice.words if notice else "", reason,
                )  # fmt: skip
    ages = {one: place for place, one in enumerate(series)}
    return drop_repeated(sorted(found, key=lambda row: -ages.get(row.old_article_id, 0)))


def gather_spans(
    matches: Sequence[PassageMatch], olds: set[ArticleId]
) -> dict[ArticleId, dict[ArticleId, list[tuple[int, int, int, int]]]]:
    """Return where matches found words of the older texts; a quotation is no copy."""
    found: dict[ArticleId, dict[ArticleId, list[tuple[int, int, int, int]]]] = {}
    for match in matches:
        if match.relation is Relation.QUOTATION:
            continue
        left = (match.left_article_id, match.left_begin, match.left_end)
        right = (match.right_article_id, match.right_begin, match.right_end)
        for old, copy in ((left, right), (right, left)):
            if old[0] in olds:
                places = found.setdefault(old[0], {}).setdefault(copy[0], [])
                places.append((copy[1], copy[2], old[1], old[2]))
    return found


def choose_notice(notices: Sequence[ArticleNotice]) -> ArticleNotice | None:
    """Return the gravest notice that changes words; None where there is none."""
    telling = [notice for notice in notices if notice.kind not in SILENT]
    return min(telling, key=lambda one: rank_kind(one.kind), default=None)


def is_of_agency(article: ArticleText) -> bool:
    """Whether an article stands on the agency's own outlet, not in a paper that printed it."""
    return find_agency(article.outlet) == article.agency or is_agency_outlet(article)


def list_changes(
    old: ArticleText, new: ArticleText, kind: NoticeKind, *, is_version: bool
) -> list[Change] | None:
    """Return what of the older text is out of date; None where all of it is.

    An update that was sent as an article of its own leaves out much that still holds, so only words
    that it replaced count there.
    """
    if kind in WITHDRAWN:
        return None
    if not is_resent(old, new):
        return read_replacements(old, new)
    changes = find_changes(old, new)
    if kind is NoticeKind.CORRECTION or is_version:
        return changes
    return [change for change in changes if change.runs]


def may_be_outdated(
    texts: Mapping[ArticleId, ArticleText],
    series: Mapping[ArticleId, ArticleId],
    copy: ArticleId,
    old: ArticleId,
    new: ArticleId,
) -> bool:
    """Whether an article is a copy by somebody else than the agency that changed its text."""
    if copy == new or series.get(copy, copy) in (series.get(old, old), series.get(new, new)):
        return False
    if texts[copy].agency == texts[old].agency and is_of_agency(texts[copy]):
        return False
    return not are_one_publisher(texts[copy], texts[old])


def describe_copies(  # noqa: PLR0917 - all of them end in the same row
    copy: ArticleText,
    places: Sequence[tuple[int, int, int, int]],
    changes: Sequence[Change] | None,
    old: ArticleText,
    agency: str,
    kind: NoticeKind,
    new: ArticleId,
    notice_words: str,
    reason: str,
) -> list[OutdatedPassage]:
    """Return the rows of one copy: a passage each, where all is withdrawn, else a sentence each."""
    if changes is None:
        found = [(begin, end, first, last, "", "") for begin, end, first, last in sorted(places)]
    else:
        found = [
            (
                word.begin,
                word.end,
                word.change.begin,
                word.change.end,
                word.change.old_words,
                word.change.new_words,
            )
            for word in find_old_words(copy, places, changes)
        ]
    return [
        OutdatedPassage(
            article_id=copy.article_id,
            new_article_id=new,
            old_article_id=old.article_id,
            agency=agency,
            kind=kind,
            begin=begin,
            end=end,
            old_begin=first,
            old_end=last,
            old_words=old_words,
            new_words=new_words,
            notice_words=notice_words,
            reason=reason,
        )
        for begin, end, first, last, old_words, new_words in found
    ]


def drop_repeated(rows: Sequence[OutdatedPassage]) -> list[OutdatedPassage]:
    """Return the rows, each passage with the same words once: that of the first row."""
    kept: dict[tuple[str, str, int, int, str, str], OutdatedPassage] = {}
    for row in rows:
        key = (
            row.article_id,
            row.new_article_id,
            row.begin,
            row.end,
            row.old_words,
            row.new_words,
        )
        kept.setdefault(key, row)
    return list(kept.values())
