"""Answers as small pieces of HTML for notebooks. Every word of an article is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from wirethread.articles.types.articles import ParagraphKind, TimePrecision
from wirethread.clustering.types import DiffPiece
from wirethread.storage.answers.types import (
    ArticleDetail,
    ArticleSummary,
    ClusterDetail,
    ParagraphDetail,
    ThreadDetail,
)

__all__ = [
    "draw_article",
    "draw_cluster",
    "draw_passages",
    "draw_table",
    "draw_thread",
    "link_page",
]

_LONGEST = 160
_TINTS = ("#fde7b0", "#cfe6d4", "#cfe0f5", "#e6d6f0", "#f6d5d0")
"""Behind the words of the first, second, ... agency."""


def draw_table(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    n_rows: int,
    has_more: bool = False,
) -> str:
    """Return rows as a table; `n_rows` is how many there are, `has_more` whether more follow."""
    listed = list(rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_write(row[name])}</td>" for name in columns) + "</tr>"
        for row in listed
    )
    rest = n_rows - len(listed)
    more = f"<p>and {rest:,} more rows</p>" if rest else ""
    more += "<p>The list goes on behind its limit.</p>" if has_more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def draw_article(article: ArticleDetail, page: str) -> str:
    """Return an article with the source of each paragraph beside it."""
    summary = article.summary
    owners = dict(zip(article.agency_shares, _TINTS, strict=False))
    shares = ", ".join(f"{name} {share:.0%}" for name, share in article.agency_shares.items())
    paragraphs = "".join(
        _draw_paragraph(paragraph, owners)
        for paragraph in article.paragraphs
        if paragraph.paragraph.kind is not ParagraphKind.FURNITURE
    )
    why = f" ({article.derivation_reason})" if article.derivation_reason else ""
    verdict = f"{summary.derivation.value} wire copy{why}" if summary.derivation else "not decided"
    return (
        f"<div><p>{_write_place(summary)}</p><h3>{escape(summary.headline)}</h3>"
        f"<p>{escape(verdict)}{escape(f': {shares}' if shares else '')}</p>"
        f"<table>{paragraphs}</table>{link_page(page)}</div>"
    )


def _draw_paragraph(paragraph: ParagraphDetail, owners: Mapping[str, str]) -> str:
    source = paragraph.sources[0] if paragraph.sources else None
    agency = source.agency if source is not None else None
    tint = owners.get(agency or "")
    style = f' style="background:{tint}"' if tint else ""
    if source is None:
        said = "own words" if paragraph.own_evidence else ""
    else:
        said = " · ".join(
            word
            for word in (agency or source.state.value, source.relation, source.evidence)
            if word
        )
    return (
        f"<tr><td{style}>{escape(paragraph.paragraph.text)}</td>"
        f"<td><small>{escape(said)}</small></td></tr>"
    )


def draw_cluster(cluster: ClusterDetail, page: str) -> str:
    """Return a story cluster with its articles in the order of time."""
    one = cluster.summary
    told = _count(one.n_articles, one.n_outlets, one.n_independent_sources)
    listed = "".join(f"<li>{_write_article(entry.article)}</li>" for entry in cluster.articles)
    return f"<div><h3>{escape(one.title)}</h3><p>{told}</p><ol>{listed}</ol>{link_page(page)}</div>"


def draw_thread(thread: ThreadDetail, articles: Sequence[ArticleSummary], page: str) -> str:
    """Return a story thread with its clusters in the order of time."""
    one = thread.summary
    told = _count(one.n_articles, one.n_outlets, one.n_independent_sources)
    clusters = "".join(
        f"<li>{_write(cluster.first_seen_at)} {escape(cluster.title)}"
        f" <small>{_count(cluster.n_articles, cluster.n_outlets, None)}</small></li>"
        for cluster in thread.clusters
    )
    first = f"<p>First: {_write_article(articles[0])}</p>" if articles else ""
    return (
        f"<div><h3>{escape(one.title)}</h3><p>{escape(one.state.value)}, {told}</p>"
        f"<ol>{clusters}</ol>{first}{link_page(page)}</div>"
    )


def draw_passages(title: str, verdict: str, passages: Iterable[Sequence[DiffPiece]]) -> str:
    """Return two texts side by side, a row a shared passage, with what differs marked."""
    rows = "".join(
        f"<tr><td>{_mark(pieces, 'left')}</td><td>{_mark(pieces, 'right')}</td></tr>"
        for pieces in passages
    )
    return f"<div><h3>{escape(title)}</h3><p>{escape(verdict)}</p><table>{rows}</table></div>"


def link_page(url: str | None) -> str:
    """Return a link to the page of an answer, nothing where it has none."""
    return f'<p><a href="{escape(url)}">Page</a></p>' if url else ""


def _mark(pieces: Sequence[DiffPiece], side: str) -> str:
    tag = "del" if side == "left" else "ins"
    drawn = []
    for piece in pieces:
        words = escape(piece.left if side == "left" else piece.right)
        if words:
            drawn.append(words if piece.kind == "equal" else f"<{tag}>{words}</{tag}>")
    return " ".join(drawn)


def _count(n_articles: int, n_outlets: int, n_sources: int | None) -> str:
    told = f"{_say(n_articles, 'article')} of {_say(n_outlets, 'outlet')}"
    return told if n_sources is None else f"{told}, {_say(n_sources, 'independent source')}"


def _say(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _write_place(article: ArticleSummary) -> str:
    is_day = article.published_precision is TimePrecision.DAY
    moment = article.published_at
    when = f"{moment:%Y-%m-%d}" if is_day and moment else _write(moment)
    return f"{escape(article.outlet)} {when}"


def _write_article(article: ArticleSummary) -> str:
    agencies = f" <small>{escape(', '.join(article.agencies))}</small>" if article.agencies else ""
    return f"{_write_place(article)}: {escape(article.headline)}{agencies}"


def _write(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_write(one) for one in value)
    words = " ".join(str(value).split())
    return escape(words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …")
