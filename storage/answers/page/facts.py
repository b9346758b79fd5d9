"""What lists say of an article, for many articles at once."""

# ruff: noqa: S608 - only constant names are put into SQL; ids are quoted

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from wirethread.storage.engine.bulk import as_utc, ids_table, list_rows
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about, read_directories

__all__ = [
    "ArticleFacts",
    "Span",
    "find_newest_run",
    "load_article_facts",
    "load_parsed",
    "load_words",
    "prepare_pages",
]

Span = tuple[str, int, int]
"""An article, and the characters from begin to end of it."""
_FEW = 2_000
"""Up to so many ids are written into a statement: it reads fewer blocks than a join."""
_COLUMNS = (
    "SELECT article_id, outlet, headline, url, published_at, published_precision,"
    " superseded_by IS NULL, run_id FROM store.articles WHERE {rows}"
)


_LOOKED_UP = (
    ("articles", "article_id"),
    ("paragraphs", "article_id"),
    ("wire_credits", "article_id"),
    ("article_derivation", "article_id"),
    ("article_agency_shares", "article_id"),
    ("passage_places", "article_id"),
    ("passage_places", "passage_id"),
    ("passages", "passage_id"),
    ("passage_verdicts", "left_article_id"),
    ("passage_verdicts", "right_article_id"),
    ("paragraph_sources", "article_id"),
    ("paragraph_sources", "paragraph_id"),
    ("own_paragraphs", "article_id"),
    ("story_cluster_articles", "article_id"),
    ("story_cluster_articles", "cluster_id"),
    ("story_clusters", "cluster_id"),
    ("story_sources", "cluster_id"),
    ("story_thread_clusters", "cluster_id"),
    ("story_thread_clusters", "thread_id"),
    ("story_threads", "thread_id"),
    ("links", "left_id"),
    ("story_events", "subject_id"),
    ("story_events", "other_id"),
    ("outdated_copies", "article_id"),
    ("agency_notices", "article_id"),
    ("article_versions", "article_id"),
    ("duplicate_cluster_articles", "article_id"),
)
_MOST_RANGES = 60
_OFFSETS = 'SELECT article_id, "begin", "end", text_hash, rowid FROM store.paragraphs WHERE {rows}'
_CREDITS = (
    'SELECT article_id, agency, role, rule, evidence, "begin", "end", origin'
    " FROM store.wire_credits WHERE {rows} ORDER BY ALL"
)
_HEADS = (
    "SELECT article_id, source, source_id, url, outlet, headline, byline, dateline, language,"
    " published_at, published_precision, updated_at FROM store.articles WHERE {rows}"
)
_PARAGRAPHS = (
    'SELECT article_id, paragraph_id, "position", kind, "text", "begin", "end", text_hash'
    " FROM store.paragraphs WHERE {rows}"
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


def prepare_pages(catalog: Catalog) -> None:
    """Read ahead what every page looks up; a page that is asked meanwhile does without."""
    read_directories(catalog._database, _LOOKED_UP)


def load_article_facts(catalog: Catalog, article_ids: Iterable[str]) -> dict[str, ArticleFacts]:
    """Return the articles by id; unknown ids are left out."""
    asked = sorted(set(article_ids))
    if len(asked) <= _FEW:
        rows = fetch_about(catalog._database, _COLUMNS, "articles", "article_id", asked)
    else:
        with catalog._database.registered(asked=ids_table(asked)):
            named = "article_id IN (SELECT id FROM asked)"
            rows = catalog._database.fetch_rows(_COLUMNS.replace("{rows}", named))
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


def find_newest_run(database: Database) -> str | None:
    """Return the last run that read an article; of a snapshot it is looked up once."""
    kept = database.directories
    with kept.turn:
        if not database.read_only or "newest run" not in kept.made:
            kept.made["newest run"] = database.fetch_value("SELECT max(run_id) FROM store.articles")
        newest: str | None = kept.made["newest run"]
        return newest


def load_words(catalog: Catalog, spans: Iterable[Span]) -> dict[Span, str]:
    """Return the words of (article, begin, end) by span.

    Where one text runs in hundreds of articles it is read once: paragraphs of the same hash and
    length are the same but for signs such as quotation marks. Spans of unknown articles are left
    out.
    """
    asked = set(spans)
    article_ids = sorted({article_id for article_id, _, _ in asked})
    paragraphs: dict[str, list[tuple[int, int, int, int]]] = {}
    if not asked:
        return {}
    bounds = min(begin for _, begin, _ in asked), max(end for _, _, end in asked)
    near = _OFFSETS + f' AND "end" > {int(bounds[0])} AND "begin" < {int(bounds[1])}'
    for article_id, begin, end, text_hash, row_id in fetch_about(
        catalog._database, near, "paragraphs", "article_id", article_ids
    ):
        paragraphs.setdefault(article_id, []).append((begin, end, text_hash, row_id))
    first_rows: dict[tuple[int, int], int] = {}
    covered: dict[Span, list[tuple[int, int, int]]] = {}
    for span in sorted(asked):
        article_id, begin, end = span
        mine = [one for one in paragraphs.get(article_id, ()) if one[0] < end and begin < one[1]]
        covered[span] = [
            (first, last, first_rows.setdefault((text_hash, last - first), row_id))
            for first, last, text_hash, row_id in sorted(mine)
        ]
    texts = _load_rows(catalog, first_rows.values())
    return {
        span: _cut_words(pieces, texts, span[1], span[2])
        for span, pieces in covered.items()
        if pieces
    }


def _load_rows(catalog: Catalog, rows: Collection[int]) -> dict[int, str]:
    """Return the texts of paragraphs by the numbers of their rows."""
    if not rows:
        return {}
    return dict(
        catalog._database.fetch_rows(
            f'SELECT rowid, "text" FROM store.paragraphs WHERE rowid IN {list_rows(sorted(rows))}'
        )
    )


def _cut_words(
    pieces: Sequence[tuple[int, int, int]], texts: Mapping[int, str], begin: int, end: int
) -> str:
    parts, at = [], begin
    for first, last, row_id in pieces:
        parts += [" " * (first - at), texts[row_id][max(begin - first, 0) : end - first]]
        at = min(last, end)
    return "".join(parts)


def load_parsed(catalog: Catalog, article_ids: Iterable[str]) -> dict[str, ParsedArticle]:
    """Return articles with paragraphs and credits by id; unknown ids are left out.

    The texts come from the paragraphs, with spaces between them where the article may have others:
    the whole texts of some thousand articles lie packed together, and are unpacked to read one.
    """
    asked = sorted(set(article_ids))
    paragraphs = _load_paragraphs(catalog, asked)
    database = catalog._database
    credits_of: dict[str, list[WireCredit]] = {}
    for row in fetch_about(database, _CREDITS, "wire_credits", "article_id", asked):
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
    for row in fetch_about(database, _HEADS, "articles", "article_id", asked):
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

    Those of one article lie together and are read as a range, so that the texts of other articles
    are passed over. Of many articles all texts are read once.
    """
    asked = sorted(set(article_ids))
    database = catalog._database
    if len(asked) > _MOST_RANGES:
        with database.registered(asked=ids_table(asked)):
            named = "article_id IN (SELECT id FROM asked)"
            rows = database.fetch_rows(_PARAGRAPHS.replace("{rows}", named))
    else:
        rows = [
            row
            for article_id in asked
            for row in fetch_about(database, _PARAGRAPHS, "paragraphs", "article_id", [article_id])
        ]
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
