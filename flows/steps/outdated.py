"""Who still runs what an agency changed or withdrew: read notices, tie them, compare copies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from wirethread.articles.credits.notices import find_notices
from wirethread.articles.types.articles import ArticleId, ParsedArticle
from wirethread.articles.types.changes import ArticleNotice, NoticeTie, OutdatedPassage, TieText
from wirethread.clustering.changes.copies import find_outdated_passages, gather_spans
from wirethread.clustering.changes.ties import describe_notice, shortlist, tell_time, tie_notice
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.tie_settings import OutdatedSettings
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.steps.docket import Docket
from wirethread.storage.catalog import Catalog

__all__ = ["find_outdated"]

ARTICLES_AT_ONCE = 1_000


def find_outdated(docket: Docket, settings: OutdatedSettings) -> Mapping[str, int]:
    """Read the notices of new articles, tie them, and bring the outdated copies up to date."""
    catalog, run_id = docket.catalog, docket.run_id
    pending = docket.list_pending()
    before = catalog.notices.count_outdated()
    n_notices = 0
    for begin in range(0, len(pending), ARTICLES_AT_ONCE):
        batch = pending[begin : begin + ARTICLES_AT_ONCE]
        parsed = catalog.articles.load_articles(batch)
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
        ArticleNotice(
            article_id=entry.article.article_id,
            kind=notice.kind,
            field=notice.field,
            words=notice.words,
            begin=notice.begin,
            end=notice.end,
            language=notice.language,
            number=notice.number,
            agency=to_article_text(entry).agency,
        )
        for entry in parsed
        for notice in find_notices(
            entry.article.headline, entry.paragraphs, notes.get(entry.article.article_id)
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
    before = {tie.old_article_id for tie in catalog.notices.find_ties(notices=ids)}
    parsed = catalog.articles.load_articles(notices)
    superseded = catalog.versions.find_superseded(notices)
    ties = [
        NoticeTie(
            article_id=article_id,
            old_article_id=old,
            score=1.0,
            reason=f"version {number} of the same article",
        )
        for article_id, (old, number) in catalog.notices.find_predecessors(notices).items()
        if article_id not in superseded
    ]
    tied = {tie.article_id for tie in ties}
    open_notices = [
        article
        for article in parsed
        if article.article.article_id not in tied | superseded
        and notices[article.article.article_id][0].agency is not None
    ]
    ties += tie_by_words(catalog, open_notices, notices, settings)
    catalog.notices.replace_ties(run_id, ties, ids)
    return before | {tie.old_article_id for tie in ties}


def tie_by_words(
    catalog: Catalog,
    parsed: Sequence[ParsedArticle],
    notices: Mapping[ArticleId, Sequence[ArticleNotice]],
    settings: OutdatedSettings,
) -> list[NoticeTie]:
    """Tie notices to earlier articles of their outlet by slug, headline and words."""
    if not parsed:
        return []
    times = [moment for one in parsed if (moment := tell_time(one)) is not None]
    found = catalog.notices.find_tie_texts(
        {one.article.outlet for one in parsed},
        min(times) - timedelta(days=settings.tie_days) if len(times) == len(parsed) else None,
        max(times) if len(times) == len(parsed) else None,
    )
    by_outlet: dict[str, list[TieText]] = {}
    for other in found:
        by_outlet.setdefault(other.outlet, []).append(other)
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
        for article_text in catalog.articles.load_articles(
            {other.article_id for others in listed.values() for other in others}
        )
    }
    agencies = {key: to_article_text(one).agency for key, one in texts.items()}
    ties = []
    for key, others in listed.items():
        candidates = [
            replace(entry, text=texts[entry.article_id].article.text)
            for entry in others
            if agencies[entry.article_id] == notices[key][0].agency
        ]
        tie = tie_notice(asked[key], candidates, settings.tie_days)
        if tie is not None:
            ties.append(tie)
    return ties


def hold_against_copies(catalog: Catalog, old_ids: set[ArticleId]) -> list[OutdatedPassage]:
    """Return the passages of current articles that still have words of the older texts."""
    pairs = catalog.notices.find_outdated_pairs(old_ids)
    if not pairs:
        return []
    olds = sorted({old for old, _, _ in pairs})
    spans = gather_spans(catalog.copy.load_verdicts(olds, with_superseded=True), set(olds))
    copies = {copy for by_copy in spans.values() for copy in by_copy}
    copies -= catalog.versions.find_superseded(copies)
    newer = {new for _, new, _ in pairs}
    texts = {
        parsed.article.article_id: to_article_text(parsed)
        for parsed in catalog.articles.load_articles(copies | newer | set(olds))
    }
    series = catalog.versions.find_series(texts)
    return find_outdated_passages(
        pairs,
        texts,
        spans={old: {c: s for c, s in by.items() if c in copies} for old, by in spans.items()},
        series=series,
        notices=catalog.notices.load_notices({*newer, *series}),
        ties={tie.article_id: tie for tie in catalog.notices.find_ties(notices=newer)},
    )
