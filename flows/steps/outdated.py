"""Who still runs what an agency changed or withdrew: read notices, tie them, compare copies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.credits.notices import NoticeKind, find_notices, rank_kind
from wirethread.articles.types.articles import ArticleId, ParsedArticle, PassageMatch, Relation
from wirethread.clustering.changes.outdating import (
    Change,
    find_changes,
    find_old_words,
    is_resent,
    read_replacements,
)
from wirethread.clustering.changes.ties import TieText, shortlist, tie_notice
from wirethread.clustering.outlets import are_one_publisher, is_agency_outlet
from wirethread.clustering.records import ArticleText
from wirethread.clustering.tie_settings import OutdatedSettings
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.steps.docket import Docket
from wirethread.flows.steps.match import to_article_text
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.notices import Candidate, NoticeRow, OutdatedRow, TieRow

__all__ = ["find_outdated"]

ARTICLES_AT_ONCE = 1_000
WITHDRAWN = (NoticeKind.KILL, NoticeKind.WITHDRAWAL, NoticeKind.HOLD)
"""After these nothing of the older text may be run."""
SILENT = (NoticeKind.REPEAT, NoticeKind.ADVISORY)
"""These change no words."""


def find_outdated(docket: Docket, settings: OutdatedSettings) -> Mapping[str, int]:
    """Read the notices of new articles, tie them, and bring the outdated copies up to date."""
    catalog, run_id = docket.catalog, docket.run_id
    pending = docket.list_pending()
    before = catalog.notices.count_outdated()
    n_notices = 0
    for begin in range(0, len(pending), ARTICLES_AT_ONCE):
        batch = pending[begin : begin + ARTICLES_AT_ONCE]
        parsed = catalog.load_article_texts(batch)
        with docket.finishing(batch):
            n_notices += read_notices(catalog, run_id, parsed)
            gone = update_ties(catalog, run_id, batch, settings)
            old_ids = catalog.notices.find_old_texts(batch) | gone
            old_ids = catalog.notices.find_earlier(old_ids)
            old_ids |= set(catalog.versions.find_series(old_ids))
            rows = hold_against_copies(catalog, old_ids)
            catalog.notices.replace_outdated(run_id, rows, old_ids)
        report_progress("outdated", begin + len(batch), len(pending))
    n_outdated = catalog.notices.count_outdated()
    return {
        "n_notices": n_notices,
        "n_outdated": n_outdated,
        "n_new_outdated": max(n_outdated - before, 0),
    }


def read_notices(catalog: Catalog, run_id: str, parsed: Sequence[ParsedArticle]) -> int:
    """Store the notices of the articles; return how many there are."""
    ids = [one.article.article_id for one in parsed]
    notes = catalog.notices.load_notes(ids)
    rows = [
        NoticeRow(
            article_id=one.article.article_id,
            kind=notice.kind.value,
            field=notice.field,
            words=notice.words,
            begin=notice.begin,
            end=notice.end,
            language=notice.language,
            number=notice.number,
            agency=to_article_text(one).agency,
        )
        for one in parsed
        for notice in find_notices(
            one.article.headline, one.paragraphs, notes.get(one.article.article_id)
        )
    ]
    catalog.notices.replace_notices(run_id, rows, ids)
    return len(rows)


def update_ties(
    catalog: Catalog, run_id: str, article_ids: Sequence[ArticleId], settings: OutdatedSettings
) -> set[ArticleId]:
    """Tie the notices among the articles, and those that one of them may be the copy of.

    Returns the articles that a notice was tied to before.
    """
    asked = {
        *article_ids,
        *catalog.notices.find_notices_after(article_ids, settings.tie_days),
    }
    notices = catalog.notices.load_notices(asked)
    ids = sorted({*notices, *article_ids})
    before = {one.old_article_id for one in catalog.notices.find_ties(notices=ids)}
    parsed = catalog.load_article_texts(notices)
    superseded = catalog.versions.find_superseded(notices)
    ties = [
        TieRow(
            article_id=one,
            old_article_id=old,
            score=1.0,
            reason=f"version {number} of the same article",
        )
        for one, (old, number) in catalog.notices.find_predecessors(notices).items()
        if one not in superseded
    ]
    tied = {one.article_id for one in ties}
    open_notices = [
        article
        for article in parsed
        if article.article.article_id not in tied | superseded
        and notices[article.article.article_id][0].agency is not None
    ]
    ties += tie_by_words(catalog, open_notices, notices, settings)
    catalog.notices.replace_ties(run_id, ties, ids)
    return before | {one.old_article_id for one in ties}


def tie_by_words(
    catalog: Catalog,
    parsed: Sequence[ParsedArticle],
    notices: Mapping[ArticleId, Sequence[NoticeRow]],
    settings: OutdatedSettings,
) -> list[TieRow]:
    """Tie notices to earlier articles of their outlet by slug, headline and words."""
    if not parsed:
        return []
    times = [moment for one in parsed if (moment := tell_time(one)) is not None]
    found = catalog.notices.find_candidates(
        {one.article.outlet for one in parsed},
        min(times) - timedelta(days=settings.tie_days) if len(times) == len(parsed) else None,
        max(times) if len(times) == len(parsed) else None,
    )
    withdrawn = {kind.value for kind in WITHDRAWN}
    by_outlet: dict[str, list[TieText]] = {}
    for other in found:
        if not withdrawn & set(other.kinds):
            by_outlet.setdefault(other.outlet, []).append(to_tie_text(other))
    notes = catalog.notices.load_notes([one.article.article_id for one in parsed])
    asked = {
        article.article.article_id: describe_notice(
            article, notices[article.article.article_id], notes.get(article.article.article_id, {})
        )
        for article in parsed
    }
    listed = {
        article.article.article_id: shortlist(
            asked[article.article.article_id],
            by_outlet.get(article.article.outlet, []),
            settings.tie_days,
        )
        for article in parsed
    }
    texts = {
        article_text.article.article_id: article_text
        for article_text in catalog.load_article_texts(
            {other.article_id for others in listed.values() for other in others}
        )
    }
    agencies = {key: to_article_text(one).agency for key, one in texts.items()}
    ties = []
    for key, others in listed.items():
        candidates = [
            replace(entry, text=texts[ArticleId(entry.article_id)].article.text)
            for entry in others
            if agencies[ArticleId(entry.article_id)] == notices[key][0].agency
        ]
        tie = tie_notice(asked[key], candidates, settings.tie_days)
        if tie is not None:
            ties.append(
                TieRow(
                    article_id=key,
                    old_article_id=ArticleId(tie.old_article_id),
                    score=tie.score,
                    reason=tie.reason,
                )
            )
    return ties


def describe_notice(
    parsed: ParsedArticle, said: Sequence[NoticeRow], notes: Mapping[str, str]
) -> TieText:
    """Return a notice as ties see it."""
    return TieText(
        article_id=parsed.article.article_id,
        headline=parsed.article.headline,
        text=parsed.article.text,
        slug=next((words for field, words in notes.items() if "slug" in field.lower()), None),
        published_at=tell_time(parsed),
        number=max((row.number for row in said if row.number is not None), default=None),
        is_notice=True,
    )


def tell_time(parsed: ParsedArticle) -> datetime | None:
    """Return when a text was last changed, or published."""
    return parsed.article.updated_at or parsed.article.published_at


def to_tie_text(one: Candidate) -> TieText:
    """Return a candidate as ties see it, still without its text."""
    return TieText(
        article_id=one.article_id,
        headline=one.headline,
        text="",
        slug=one.slug,
        published_at=one.published_at,
        number=one.number,
        is_notice=bool(one.kinds),
    )


def hold_against_copies(catalog: Catalog, old_ids: set[ArticleId]) -> list[OutdatedRow]:
    """Return the passages of current articles that still have words of the older texts."""
    pairs = catalog.notices.find_outdated_pairs(old_ids)
    if not pairs:
        return []
    olds = sorted({old for old, _, _ in pairs})
    matches = [
        verdict
        for verdict in catalog.load_verdicts(olds, with_superseded=True)
        if verdict.relation is not Relation.QUOTATION
    ]
    spans = gather_spans(matches, set(olds))
    copies = {copy for by_copy in spans.values() for copy in by_copy}
    copies -= catalog.versions.find_superseded(copies)
    newer = {new for _, new, _ in pairs}
    texts = {
        article_text.article.article_id: to_article_text(article_text)
        for article_text in catalog.load_article_texts(copies | newer | set(olds))
    }
    series = catalog.versions.find_series(texts)
    notices = catalog.notices.load_notices({*newer, *series})
    ties = {one.article_id: one for one in catalog.notices.find_ties(notices=newer)}
    rows = []
    for old, new, is_version in pairs:
        agency = texts[old].agency
        notice = choose_notice(notices.get(new, []))
        if agency is None or (notice is None and not (is_version and is_of_agency(texts[old]))):
            continue
        kind = NoticeKind(notice.kind) if notice else NoticeKind.UPDATE
        changes = list_changes(texts[old], texts[new], kind, is_version=is_version)
        reason = (
            "a later version of the same article"
            if is_version
            else ties[new].reason
            if new in ties
            else ""
        )
        for copy, places in sorted(spans.get(old, {}).items()):
            if copy not in copies or not may_be_outdated(texts, series, copy, old, new):
                continue
            rows += describe_copies(
                texts[copy], places, changes, texts[old], agency, kind, new,
                notice.words if notice else "", reason,
            )  # fmt: skip
    ages = {one: place for place, one in enumerate(series)}
    return drop_repeated(sorted(rows, key=lambda one: -ages.get(one.old_article_id, 0)))


def drop_repeated(rows: Sequence[OutdatedRow]) -> list[OutdatedRow]:
    """Return the rows, each passage with the same words once: that of the first row."""
    kept: dict[tuple[str, str, int, int, str, str], OutdatedRow] = {}
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


def is_of_agency(article: ArticleText) -> bool:
    """Whether an article stands on the agency's own outlet, not in a paper that printed it."""
    return find_agency(article.outlet) == article.agency or is_agency_outlet(article)


def gather_spans(
    matches: Sequence[PassageMatch], olds: set[ArticleId]
) -> dict[ArticleId, dict[ArticleId, list[tuple[int, int, int, int]]]]:
    """Return, by older text and copy, begin and end in the copy and in the older text."""
    found: dict[ArticleId, dict[ArticleId, list[tuple[int, int, int, int]]]] = {}
    for match in matches:
        left = (match.left_article_id, match.left_begin, match.left_end)
        right = (match.right_article_id, match.right_begin, match.right_end)
        for old, copy in ((left, right), (right, left)):
            if old[0] in olds:
                places = found.setdefault(old[0], {}).setdefault(copy[0], [])
                places.append((copy[1], copy[2], old[1], old[2]))
    return found


def choose_notice(notices: Sequence[NoticeRow]) -> NoticeRow | None:
    """Return the gravest notice that changes words; None where there is none."""
    telling = [one for one in notices if NoticeKind(one.kind) not in SILENT]
    return min(telling, key=lambda one: rank_kind(NoticeKind(one.kind)), default=None)


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
    return [one for one in changes if one.runs]


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
) -> list[OutdatedRow]:
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
        OutdatedRow(
            article_id=copy.article_id,
            new_article_id=new,
            old_article_id=old.article_id,
            agency=agency,
            kind=kind.value,
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
