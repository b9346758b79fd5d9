"""What lists say of an article, for many articles at once."""

# ruff: noqa: S608 - only constant names are put into SQL; ids are quoted

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wirethread.articles.types.articles import (
    Article,
    ArticleId,
    CreditRole,
    Paragraph,
    ParagraphKind,
    ParsedArticle,
    TimePrecision,
    WireCredit,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, ids_table, list_rows, quote_all

__all__ = ["ArticleFacts", "Span", "load_article_facts", "load_parsed", "load_words"]

Span = tuple[str, int, int]
"""An article, and the characters from begin to end of it."""
_FEW = 2_000
"""Up to so many ids are written into a statement: it reads fewer blocks than a join."""
_COLUMNS = (
    "SELECT article_id, outlet, headline, url, published_at, published_precision,"
    " superseded_by IS NULL, run_id FROM store.articles WHERE article_id IN"
)


_MOST_RANGES = 60
_PARAGRAPHS = (
    'SELECT article_id, paragraph_id, "position", kind, "text", "begin", "end", text_hash'
    " FROM store.paragraphs WHERE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFacts:
    """An article in a line."""

    article_id: ArticleId
    outlet: str
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    is_current: bool
    run_id: str
    """Run that read it."""

    @property
    def order(self) -> tuple[bool, datetime | None, str]:
        """The place in the order of time, undated ones last."""
        return (self.published_at is None, self.published_at, self.article_id)


def load_article_facts(catalog: Catalog, article_ids: Iterable[str]) -> dict[str, ArticleFacts]:
    """Return the articles by id; unknown ids are left out."""
    asked = sorted(set(article_ids))
    if not asked:
        return {}
    if len(asked) <= _FEW:
        rows = catalog._database.fetch_rows(f"{_COLUMNS} ({quote_all(asked)})")
    else:
        with catalog._database.registered(asked=ids_table(asked)):
            rows = catalog._database.fetch_rows(f"{_COLUMNS} (SELECT id FROM asked)")
    return {
        row[0]: ArticleFacts(
            article_id=row[0],
            outlet=row[1],
            headline=row[2],
            url=row[3],
            published_at=as_utc(row[4]),
            published_precision=TimePrecision(row[5]),
            is_current=row[6],
            run_id=row[7],
        )
        for row in rows
    }


def load_words(catalog: Catalog, spans: Iterable[Span]) -> dict[Span, str]:
    """Return the words of (article, begin, end) by span.

    Where one text runs in hundreds of articles it is read once: paragraphs of the same hash are
    the same. Spans of unknown articles are left out.
    """
    asked = set(spans)
    article_ids = sorted({article_id for article_id, _, _ in asked})
    if not article_ids:
        return {}
    paragraphs: dict[str, list[tuple[int, int, int, int]]] = {}
    for article_id, begin, end, text_hash, row_id in catalog._database.fetch_rows(
        'SELECT article_id, "begin", "end", text_hash, rowid FROM store.paragraphs'
        f" WHERE article_id IN ({quote_all(article_ids)})"
    ):
        paragraphs.setdefault(article_id, []).append((begin, end, text_hash, row_id))
    first_rows: dict[int, int] = {}
    covered: dict[Span, list[tuple[int, int, int]]] = {}
    for span in asked:
        article_id, begin, end = span
        mine = [one for one in paragraphs.get(article_id, ()) if one[0] < end and begin < one[1]]
        covered[span] = [(one[0], one[1], one[2]) for one in sorted(mine)]
        for _, _, text_hash, row_id in mine:
            first_rows.setdefault(text_hash, row_id)
    texts = _load_rows(catalog, first_rows)
    return {
        span: _cut_words(pieces, texts, span[1], span[2])
        for span, pieces in covered.items()
        if pieces
    }


def _load_rows(catalog: Catalog, rows: Mapping[int, int]) -> dict[int, str]:
    """Return the texts of paragraphs by hash, given a row of each."""
    if not rows:
        return {}
    return dict(
        catalog._database.fetch_rows(
            'SELECT text_hash, "text" FROM store.paragraphs'
            f" WHERE rowid IN {list_rows(rows.values())}"
        )
    )


def _cut_words(
    pieces: Sequence[tuple[int, int, int]], texts: Mapping[int, str], begin: int, end: int
) -> str:
    parts, at = [], begin
    for first, last, text_hash in pieces:
        parts += [" " * (first - at), texts[text_hash][max(begin - first, 0) : end - first]]
        at = min(last, end)
    return "".join(parts)


def load_parsed(catalog: Catalog, article_ids: Iterable[str]) -> dict[str, ParsedArticle]:
    """Return articles with paragraphs and credits by id; unknown ids are left out.

    The texts come from the paragraphs, with spaces between them where the article may have others:
    the whole texts of some thousand articles lie packed together, and are unpacked to read one.
    """
    asked = sorted(set(article_ids))
    paragraphs = _load_paragraphs(catalog, asked)
    listed = quote_all(asked) or "''"
    fetch = catalog._database.fetch_rows
    credits_of: dict[str, list[WireCredit]] = {}
    for row in fetch(
        'SELECT article_id, agency, role, rule, evidence, "begin", "end",'
        " origin FROM store.wire_credits"
        f" WHERE article_id IN ({listed}) ORDER BY ALL"
    ):
        credit = WireCredit(
            article_id=row[0],
            agency=row[1],
            role=CreditRole(row[2]),
            rule=row[3],
            evidence=row[4],
            begin=row[5],
            end=row[6],
            origin=row[7],
        )
        credits_of.setdefault(row[0], []).append(credit)
    found = {}
    for row in fetch(
        "SELECT article_id, source, source_id, url, outlet, headline, byline, dateline, language,"
        " published_at, published_precision, updated_at FROM store.articles"
        f" WHERE article_id IN ({listed})"
    ):
        mine = paragraphs.get(row[0], [])
        found[row[0]] = ParsedArticle(
            article=Article(
                article_id=row[0],
                source=row[1],
                source_id=row[2],
                url=row[3],
                outlet=row[4],
                headline=row[5],
                byline=row[6],
                dateline=row[7],
                text=_join_paragraphs(mine),
                language=row[8],
                published_at=as_utc(row[9]),
                published_precision=TimePrecision(row[10]),
                updated_at=as_utc(row[11]),
            ),
            paragraphs=mine,
            credits=credits_of.get(row[0], []),
        )
    return found


def _load_paragraphs(catalog: Catalog, article_ids: Iterable[str]) -> dict[str, list[Paragraph]]:
    """Return the paragraphs of articles in order.

    Those of one article lie together: their places are found first and read as a range, so that
    the texts of other articles are passed over. Of many articles all texts are read once.
    """
    asked = sorted(set(article_ids))
    fetch = catalog._database.fetch_rows
    if len(asked) > _MOST_RANGES:
        with catalog._database.registered(asked=ids_table(asked)):
            rows = fetch(f"{_PARAGRAPHS} article_id IN (SELECT id FROM asked)")
    elif asked:
        ranges = fetch(
            "SELECT article_id, min(rowid), max(rowid) FROM store.paragraphs"
            f" WHERE article_id IN ({quote_all(asked)}) GROUP BY article_id"
        )
        rows = [
            row
            for article_id, first, last in ranges
            for row in fetch(f"{_PARAGRAPHS} rowid BETWEEN {first} AND {last}")
            if row[0] == article_id
        ]
    else:
        rows = []
    found: dict[str, list[Paragraph]] = {}
    for row in rows:
        paragraph = Paragraph(
            paragraph_id=row[1],
            article_id=row[0],
            position=row[2],
            kind=ParagraphKind(row[3]),
            text=row[4],
            begin=row[5],
            end=row[6],
            text_hash=row[7],
        )
        found.setdefault(row[0], []).append(paragraph)
    for group in found.values():
        group.sort(key=lambda one: one.position)
    return found


def _join_paragraphs(paragraphs: Sequence[Paragraph]) -> str:
    parts, at = [], 0
    for paragraph in sorted(paragraphs, key=lambda one: one.begin):
        parts += [" " * (paragraph.begin - at), paragraph.text]
        at = paragraph.end
    return "".join(parts)
