"""Answers as tables and text that a person can read in a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.printable import count
from wirethread.articles.types.articles import (
    UNNAMED_AGENCY,
    Correction,
    CorrectionKind,
    Derivation,
    ParagraphKind,
    ParagraphState,
    Relation,
    TimePrecision,
    WireCredit,
)
from wirethread.drawing.plain_table import format_value, is_one_word, plain_table
from wirethread.flows.runs.results import RunResult
from wirethread.questions import SimilarPassage
from wirethread.storage.answers.types import (
    ArticleDetail,
    ArticleSummary,
    ArticleVersion,
    ClusterArticle,
    ClusterDetail,
    ClusterSummary,
    EventRecord,
    MatchedPlace,
    ParagraphDetail,
    ParagraphSource,
    PassageSummary,
    ThreadDetail,
    ThreadSummary,
)

if TYPE_CHECKING:  # brings the clustering along, which a table of stories need not wait for
    from wirethread.flows.operations.correct import CorrectionEffect

__all__ = [
    "draw_article",
    "draw_cluster",
    "draw_clusters",
    "draw_correction",
    "draw_corrections",
    "draw_passages",
    "draw_rows",
    "draw_run",
    "draw_similar",
    "draw_thread",
    "draw_threads",
    "draw_undo",
    "format_time",
]

RELATIONS = {
    Relation.VERBATIM: "word for word",
    Relation.EDITED: "edited",
    Relation.PARAPHRASE: "reworded",
    Relation.QUOTATION: "shared quotation",
}


DERIVATIONS = {
    Derivation.WHOLLY: "wholly derived from wire copy",
    Derivation.PARTLY: "partly derived from wire copy",
    Derivation.CREDITED: "credited, and no wire copy was traced",
    Derivation.NOT: "not derived from wire copy",
}

OWN_STATES = (ParagraphState.OWN, ParagraphState.FIRST)

WHY_SET_ASIDE = (
    'Why articles were set aside: wirethread sql "SELECT source, reason FROM rejected_articles"'
)

WHAT_WAS_STATED = 'What was stated: wirethread sql "SELECT * FROM article_notes"'

OF_CURRENT = "(told of the current version)"


def format_time(moment: datetime | None, precision: TimePrecision | None = None) -> str:
    """Return a time as precisely as it is known, in UTC."""
    if moment is None:
        return "unknown"
    if precision is TimePrecision.DAY:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M}"


def format_span(first: datetime | None, last: datetime | None) -> str:
    """Return the days from first to last."""
    if first is None or last is None:
        return "unknown"
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} to {last:%m-%d}"


def format_percent(share: float | None) -> str:
    """Return a share as a whole percentage; a little is never nothing."""
    if share is None:
        return ""
    if 0 < share < 0.01:
        return "<1%"
    return f"{share:.0%}"


def draw_threads(threads: Sequence[ThreadSummary]) -> RenderableType:
    """Return story threads, a line each."""
    if not threads:
        return Text("No story thread is like that.")
    table = plain_table()
    for name in ("thread", "state", "days"):
        table.add_column(name, no_wrap=True)
    for name in ("clusters", "articles", "outlets", "independent"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    for thread in threads:
        table.add_row(
            thread.thread_id,
            thread.state.value,
            format_span(thread.first_seen_at, thread.last_seen_at),
            str(thread.n_clusters),
            str(thread.n_articles),
            str(thread.n_outlets),
            "" if thread.n_independent_sources is None else str(thread.n_independent_sources),
            Text(thread.title),
        )
    return table


def draw_clusters(clusters: Sequence[ClusterSummary]) -> RenderableType:
    """Return story clusters, a line each."""
    if not clusters:
        return Text("No story cluster is like that.")
    table = plain_table()
    for name in ("story cluster", "days"):
        table.add_column(name, no_wrap=True)
    for name in ("articles", "outlets", "independent"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    for cluster in clusters:
        table.add_row(
            cluster.cluster_id,
            format_span(cluster.first_seen_at, cluster.last_seen_at),
            str(cluster.n_articles),
            str(cluster.n_outlets),
            "" if cluster.n_independent_sources is None else str(cluster.n_independent_sources),
            Text(cluster.title),
        )
    return table


def draw_thread(thread: ThreadDetail, clusters: Sequence[ClusterDetail]) -> RenderableType:
    """Return a story thread as a timeline of its story clusters."""
    summary = thread.summary
    parts: list[RenderableType] = [
        Text(summary.title, style="bold"),
        Text(
            f"story thread {summary.thread_id}, {summary.state.value}, "
            f"{format_span(summary.first_seen_at, summary.last_seen_at)}: "
            f"{count(summary.n_clusters, 'story cluster')}, "
            f"{count(summary.n_articles, 'article')} of {count(summary.n_outlets, 'outlet')}, "
            f"{count(summary.n_independent_sources or 0, 'independent source')}"
        ),
    ]
    if summary.names or summary.numbers:
        parts.append(Text("about: " + ", ".join([*summary.names, *summary.numbers]), style="dim"))
    for cluster in clusters:
        parts += [Text(""), draw_cluster(cluster)]
    parts += draw_events(thread.events)
    return Group(*parts)


def draw_cluster(cluster: ClusterDetail) -> RenderableType:
    """Return a story cluster: its articles, its independent sources, the copy they share."""
    summary = cluster.summary
    parts: list[RenderableType] = [
        Text(summary.title, style="bold"),
        Text(
            f"story cluster {summary.cluster_id}, "
            f"{format_span(summary.first_seen_at, summary.last_seen_at)}: "
            f"{count(summary.n_articles, 'article')} of {count(summary.n_outlets, 'outlet')}, "
            f"{count(summary.n_independent_sources or 0, 'independent source')}"
        ),
        draw_cluster_articles(cluster.articles),
    ]
    if cluster.passages:
        parts += [
            Text(f"\ncopy that travelled ({count(len(cluster.passages), 'passage')}):"),
            draw_passages(cluster.passages[:5]),
        ]
    parts += draw_events(cluster.events)
    return Group(*parts)


def draw_cluster_articles(articles: Sequence[ClusterArticle]) -> Table:
    """Return the articles of a cluster, in order of time."""
    table = plain_table()
    table.add_column("published", no_wrap=True)
    table.add_column("outlet", no_wrap=True)
    table.add_column("headline", overflow="fold", ratio=2)
    table.add_column("wire copy", no_wrap=True)
    table.add_column("source", overflow="fold", ratio=1)
    table.add_column("article", no_wrap=True)
    for text in articles:
        article = text.article
        table.add_row(
            format_time(article.published_at, article.published_precision),
            article.outlet,
            Text(article.headline),
            describe_wire_copy(article),
            Text(describe_counting(text)),
            article.article_id,
        )
    return table


def describe_wire_copy(article: ArticleSummary) -> str:
    """Return how much of an article is wire copy and whose, in a few words."""
    if article.derivation is None:
        return ""
    if find_agency(article.outlet) is not None:
        return "is the agency's"
    wire_share = article.wire_share or 0.0
    traced = ", ".join(article.agencies)
    said = ", ".join(article.credited_agencies)
    parts = []
    if article.derivation is Derivation.WHOLLY and (wire_share < 0.995 or not traced):
        parts.append(f"wholly {traced or said}".strip())
    elif wire_share:
        parts.append(f"{format_percent(wire_share)} {traced}".strip())
    elif article.derivation is Derivation.CREDITED:
        parts.append(f"credits {said or 'agencies'}")
    else:
        parts.append("none")
    copied = (article.copied_share or 0.0) - wire_share
    if copied >= 0.005:
        parts.append(f"{format_percent(copied)} of other outlets")
    return ", ".join(parts)


def describe_counting(article: ClusterArticle) -> str:
    """Return whether an article counts as an independent source, and why."""
    if article.reason:
        return article.reason
    return "" if article.counted is None else "counted" if article.counted else "not counted"


def draw_passages(passages: Sequence[PassageSummary]) -> Table:
    """Return pieces of copy: whose, where from, how far they went, what proves it."""
    table = plain_table()
    table.add_column("supplied by", no_wrap=True)
    table.add_column("first at", no_wrap=True)
    table.add_column("ran in", no_wrap=True)
    table.add_column("passage", overflow="fold", ratio=3)
    table.add_column("how we know", overflow="fold", ratio=2)
    for passage in passages:
        known = f"{passage.agency} ({passage.confidence:.0%})" if passage.agency else "unknown"
        table.add_row(
            known,
            passage.origin_outlet or "unknown",
            count(passage.n_outlets, "outlet"),
            Text(shorten(passage.text, 160)),
            Text(quote_evidence(passage.evidence, passage.reason)),
        )
    return table


def quote_evidence(evidence: str | None, reason: str) -> str:
    """Return the words that prove a source, with the reasoning."""
    return f"{reason}: “{shorten(evidence, 120)}”" if evidence else reason


def shorten(text: str, n_characters: int) -> str:
    """Return the beginning of a text in one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= n_characters:
        return line
    return line[:n_characters].rsplit(" ", 1)[0] + " …"


def draw_events(events: Sequence[EventRecord]) -> list[RenderableType]:
    """Return what happened to a story, a line each."""
    if not events:
        return []
    lines = [
        Text(
            f"  {event.recorded_at:%Y-%m-%d %H:%M}  {event.kind.value}: {event.reason}", style="dim"
        )
        for event in events
    ]
    return [Text("history:", style="dim"), *lines]


def draw_article(article: ArticleDetail) -> RenderableType:
    """Return an article paragraph by paragraph, each with the source of its words."""
    found = article.parsed.article
    summary = article.summary
    head = [
        Text(found.headline, style="bold"),
        Text(
            f"{found.outlet}, {format_time(found.published_at, found.published_precision)}"
            f"{', ' + found.url if found.url else ''}"
        ),
        Text(f"article {found.article_id}, read from {found.source}", style="dim"),
    ]
    shown_id = found.article_id
    if len(article.versions) > 1:
        head += [Text(describe_version(version, shown_id)) for version in article.versions]
    if article.cluster is not None:
        head.append(Text(f"in story cluster {article.cluster.cluster_id}: {article.cluster.title}"))
    if summary.derivation is not None:
        reason = article.derivation_reason
        head.append(Text(DERIVATIONS[summary.derivation] + (f": {reason}" if reason else "")))
    for copy in article.duplicates:
        head.append(Text(f"same text: {copy.outlet}, {copy.headline} ({copy.article_id})"))
    parts: list[RenderableType] = [*head, *draw_credits(article), Text("")]
    is_current = all(
        version.is_current for version in article.versions if version.article_id == shown_id
    )
    return Group(*parts, draw_paragraphs(article.paragraphs, is_current=is_current))


def describe_version(version: ArticleVersion, shown_id: str) -> str:
    """Return a line on one version of an article."""
    marks = ["shown here"] if version.article_id == shown_id else []
    marks += ["current"] if version.is_current else []
    published = format_time(version.published_at, version.published_precision)
    moment = format_time(version.updated_at) if version.updated_at else published
    return (
        f"version {version.version}, {moment}"
        f"{' (' + ', '.join(marks) + ')' if marks else ''}: {version.article_id}"
        f"{', ' + version.changed if version.changed else ''}"
    )


def draw_credits(article: ArticleDetail) -> list[RenderableType]:
    """Return the credits that the article gives, with their words."""
    return [
        Text(
            f"credit: {name_supplier(credit)} as {credit.role.value} ({credit.rule}): "
            f"“{shorten(credit.evidence, 160)}”"
        )
        for credit in article.parsed.credits
    ]


def name_supplier(credit: WireCredit) -> str:
    """Return who a credit names, with the publisher whose text it is where that is another."""
    if credit.agency == UNNAMED_AGENCY:
        return "agencies that are not named"
    if credit.origin is not None and credit.origin != credit.agency:
        return f"{credit.agency} (text of {credit.origin})"
    return credit.agency


def draw_paragraphs(paragraphs: Sequence[ParagraphDetail], *, is_current: bool = True) -> Table:
    """Return the paragraphs in order, with the source of each.

    Of a version that was replaced nothing is kept but its text.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("paragraph", overflow="fold", ratio=3)
    table.add_column("whose words, and how we know", overflow="fold", ratio=2)
    for paragraph in paragraphs:
        is_body = paragraph.paragraph.kind is ParagraphKind.BODY
        table.add_row(
            str(paragraph.paragraph.position + 1),
            Text(paragraph.paragraph.text, style="" if is_body else "dim"),
            Text(
                describe_source(paragraph) if is_current or not is_body else OF_CURRENT,
                style="" if is_body and is_current else "dim",
            ),
        )
    return table


def describe_source(paragraph: ParagraphDetail) -> str:
    """Return whose words a paragraph carries, in words."""
    if paragraph.paragraph.kind is not ParagraphKind.BODY:
        return paragraph.paragraph.kind.value
    if not paragraph.sources:
        lines = [describe_state(paragraph)]
        quoted = sorted({match.outlet for match in paragraph.matches if is_quotation(match)})
        if quoted:
            lines.append(f"with a quotation that {', '.join(quoted)} has too")
        return "\n".join(lines)
    lines = [line for source in paragraph.sources for line in describe_copy(paragraph, source)]
    named = {source.origin_outlet for source in paragraph.sources if source.state not in OWN_STATES}
    others = sorted({match.outlet for match in paragraph.matches} - named)
    if others:
        lines.append("also in: " + ", ".join(others))
    return "\n".join(lines)


def describe_copy(paragraph: ParagraphDetail, source: ParagraphSource) -> list[str]:
    """Return whose copy a paragraph is, and how that is known, a line each."""
    if source.state is ParagraphState.DECLARED:
        return [f"{source.agency}, as the article says; not found elsewhere", source.reason]
    if source.state in OWN_STATES:
        return [describe_state(paragraph), source.reason]
    whose = source.agency
    if whose is None:
        shared = source.state is ParagraphState.SHARED
        whose = "other outlets have it too" if shared else "another outlet"
    relation = f", {RELATIONS[source.relation]}" if source.relation else ""
    origin = f", from {source.origin_outlet}" if source.origin_outlet else ""
    sure = f", {source.confidence:.0%} sure" if source.agency and source.confidence else ""
    return [f"{whose}{relation}{origin}{sure}", quote_evidence(source.evidence, source.reason)]


def describe_state(paragraph: ParagraphDetail) -> str:
    """Return what is known of a paragraph that is nobody else's, in words."""
    if paragraph.state is ParagraphState.OWN:
        return f"own words: “{shorten(paragraph.own_evidence or '', 120)}”"
    if paragraph.state is ParagraphState.FIRST:
        return "own words, first here"
    return "not found elsewhere"


def is_quotation(match: MatchedPlace) -> bool:
    """Tell whether a match is somebody's words that both articles quote."""
    return match.relation is Relation.QUOTATION


def draw_similar(found: Sequence[SimilarPassage]) -> RenderableType:
    """Return similar passages, the best first."""
    if not found:
        return Text("No passage is like that.")
    table = plain_table()
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("meaning", justify="right", no_wrap=True)
    table.add_column("words", justify="right", no_wrap=True)
    table.add_column("published", no_wrap=True)
    table.add_column("outlet", no_wrap=True)
    table.add_column("passage", overflow="fold", ratio=3)
    table.add_column("supplied by", no_wrap=True)
    table.add_column("article", no_wrap=True)
    for entry in found:
        table.add_row(
            f"{entry.score:.2f}",
            "" if entry.similarity is None else f"{entry.similarity:.2f}",
            "" if entry.word_score is None else f"{entry.word_score:.1f}",
            format_time(entry.hit.published_at, entry.hit.published_precision),
            f"{entry.hit.outlet} (+{len(entry.also)})" if entry.also else entry.hit.outlet,
            Text(shorten(entry.hit.text, 240)),
            ", ".join(entry.hit.agencies),
            entry.hit.article_id,
        )
    return table


def draw_rows(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return the rows of a query."""
    if not rows:
        return Text("no rows")
    table = plain_table()
    shown = [[format_value(value) for value in row.values()] for row in rows]
    for name, values in zip(rows[0], zip(*shown, strict=True), strict=True):
        table.add_column(str(name), overflow="fold", no_wrap=all(map(is_one_word, values)))
    for cells in shown:
        table.add_row(*map(Text, cells))
    return table


def draw_run(result: RunResult, where: str = "") -> RenderableType:
    """Return what a run did, in a few lines; `where` as in `describe_run`."""
    lines: list[RenderableType] = [Text(one) for one in describe_run(result, where)]
    lines += [Text(f"mended: {words}", style="yellow") for words in result.mended]
    lines += [Text(f"not read: {one}", style="red") for one in result.unreadable_sources]
    lines += [Text(f"not done: {words}", style="red") for words in result.set_aside]
    slow = [step for step in result.steps if step.seconds >= 0.05]
    table = plain_table()
    table.add_column("step", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for one in slow:
        table.add_row(one.step, f"{one.seconds:.1f}")
    return Group(*lines, table)


def describe_run(result: RunResult, where: str = "") -> Iterable[str]:
    """Return what a run did in words.

    `where` are the options that name its archive, such as `--data news`: commands that are
    suggested end with them.
    """
    where = f" {where}" if where else ""
    n_known = result.count("read", "n_known")
    n_rejected = result.count("read", "n_rejected")
    if not result.changed_something:
        yield (
            f"Nothing new: {count(n_known, 'article')} known already"
            f"{f', {n_rejected:,} set aside' if n_rejected else ''}. Nothing was changed "
            f"({result.seconds:.1f} s)."
        )
        if n_rejected:
            yield WHY_SET_ASIDE + where
        return
    yield (
        f"Took in {count(result.count('read', 'n_new_articles'), 'new article')} "
        f"({n_known:,} known already, {n_rejected:,} set aside) in {result.seconds:.1f} s."
    )
    n_nameless = result.count("read", "n_without_outlet")
    if n_nameless:
        yield (
            f"{count(n_nameless, 'article')} without an outlet, each taken for a publisher of "
            "its own. Name it with --outlet, or with --outlet-from where the path tells it."
        )
    n_versions = result.count("read", "n_new_versions")
    if n_versions:
        yield f"Further versions of articles, among them: {n_versions}."
    if result.count("outdated", "n_new_outdated"):
        told = "More outlets run words that an agency changed or withdrew: wirethread outdated"
        yield told + where
    yield (
        f"{count(result.count('embed', 'n_new_vectors'), 'text')} embedded"
        f"{f' ({result.engine})' if result.engine else ''}, "
        f"{count(result.count('match', 'n_new_matches'), 'passage match')}, "
        f"{count(result.count('join', 'n_new_passages'), 'new passage')}, "
        f"{count(result.count('cluster', 'n_new_clusters'), 'new story cluster')}, "
        f"{count(result.count('thread', 'n_new_threads'), 'new story thread')}."
    )
    yield from describe_marks(result, where)
    if n_rejected:
        yield WHY_SET_ASIDE + where


def describe_marks(result: RunResult, where: str) -> Iterable[str]:
    """Return what new articles lack, in words; `where` ends a command that is suggested."""
    if n_undated := result.count("read", "n_undated"):
        yield f"Kept without a date, because it cannot be read or lies ahead: {n_undated}."
        yield WHAT_WAS_STATED + where
    if n_untitled := result.count("read", "n_untitled"):
        yield f"Kept under their first words, for want of a title: {n_untitled}."
    if n_dated := result.count("read", "n_dated"):
        yield f"Dated now that the day has come: {count(n_dated, 'article')}."


def draw_correction(effect: "CorrectionEffect") -> RenderableType:
    """Return what a correction says and what it changed."""
    if not effect.is_new and not effect.was_left:
        return Text(f"This holds already, as {effect.correction.correction_id}.")
    head = f"{effect.correction.correction_id}: {describe_correction(effect.correction)}"
    return Group(Text(head), draw_moved(effect))


def draw_undo(effect: "CorrectionEffect") -> RenderableType:
    """Return what was taken back and what that changed."""
    head = f"Taken back: {describe_correction(effect.correction)}"
    return Group(Text(head), draw_moved(effect))


def draw_moved(effect: "CorrectionEffect") -> RenderableType:
    """Return the articles that went to another story cluster."""
    if not effect.moved:
        return Text("No article changed its story cluster.")
    table = plain_table()
    for name in ("article", "was in", "is in"):
        table.add_column(name, no_wrap=True)
    table.add_column("headline", overflow="fold")
    for one in effect.moved:
        table.add_row(one.article_id, one.before or "", one.after or "", Text(one.headline))
    return table


def describe_correction(correction: Correction) -> str:
    """Return a correction in words."""
    if correction.kind is CorrectionKind.PIN_TITLE:
        return f"story cluster {correction.left_id} has the title “{correction.title}”"
    where = "together" if correction.kind is CorrectionKind.TOGETHER else "apart"
    return f"{correction.left_id} and {correction.right_id} {where}"


def draw_corrections(corrections: Sequence[Correction]) -> RenderableType:
    """Return corrections, a line each."""
    if not corrections:
        return Text("Nobody has corrected anything.")
    table = plain_table()
    for name in ("correction", "said at", "by"):
        table.add_column(name, no_wrap=True)
    table.add_column("says", overflow="fold")
    table.add_column("why", overflow="fold")
    for correction in corrections:
        table.add_row(
            correction.correction_id,
            format_time(correction.said_at),
            Text(correction.said_by),
            Text(describe_correction(correction)),
            Text(correction.reason),
        )
    return table
