"""From a source to the catalog: read, parse, set aside what is broken, keep the rest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from articles.reader import read_articles
from articles.segment import parse_article
from articles.types import ArticleId, ParsedArticle, RejectedArticle, SourceArticle
from flows.progress import report_progress
from flows.results import ReadCounts
from storage.catalog import Catalog

__all__ = ["IngestSettings", "read_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How articles are taken in."""

    articles_per_batch: int = 500
    """Articles stored in one transaction; at least 1."""

    def __post_init__(self) -> None:
        if self.articles_per_batch < 1:
            raise ValueError(
                f"articles_per_batch must be at least 1, not {self.articles_per_batch}"
            )


def read_source(catalog: Catalog, source: str, run_id: str, settings: IngestSettings) -> ReadCounts:
    """Read one file or folder into the catalog, a batch a transaction.

    What is there already is passed over, so a run that was killed goes on where it stopped.
    Raises `SourceError` where the source as a whole cannot be read.
    """
    n_read = n_new = n_known = n_rejected = 0
    for batch in batched(read_articles(source), settings.articles_per_batch):
        parsed, rejected = parse_batch(batch)
        parsed, conflicts = refuse_changed_texts(catalog, parsed)
        known = catalog.known_articles(one.article.article_id for one in parsed)
        fresh = [one for one in parsed if one.article.article_id not in known]
        catalog.add_articles(run_id, fresh, [*rejected, *conflicts])
        n_read += len(batch)
        n_new += len({one.article.article_id for one in fresh})
        n_known += len(parsed) - len(fresh)
        n_rejected += len(rejected) + len(conflicts)
        report_progress("read", n_read)
    return ReadCounts(n_read=n_read, n_new=n_new, n_known=n_known, n_rejected=n_rejected)


def batched(
    found: Iterable[SourceArticle | RejectedArticle], size: int
) -> Iterator[list[SourceArticle | RejectedArticle]]:
    """Yield lists of up to `size` items."""
    items = iter(found)
    while batch := list(islice(items, size)):
        yield batch


def parse_batch(
    batch: Sequence[SourceArticle | RejectedArticle],
) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Parse what was read; what cannot be parsed joins what could not be read."""
    parsed: list[ParsedArticle] = []
    rejected: list[RejectedArticle] = []
    for found in batch:
        result = found if isinstance(found, RejectedArticle) else parse_article(found)
        if isinstance(result, RejectedArticle):
            rejected.append(result)
        else:
            parsed.append(result)
    return parsed, rejected


def refuse_changed_texts(
    catalog: Catalog, parsed: Sequence[ParsedArticle]
) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Set aside articles whose outlet and id came before with another text: the first one stays."""
    keys = [
        (one.article.outlet, one.article.source_id)
        for one in parsed
        if one.article.source_id is not None
    ]
    first: dict[tuple[str, str], ArticleId] = dict(catalog.known_source_ids(keys))
    kept: list[ParsedArticle] = []
    refused: list[RejectedArticle] = []
    for one in parsed:
        article = one.article
        if article.source_id is None:
            kept.append(one)
            continue
        holder = first.setdefault((article.outlet, article.source_id), article.article_id)
        if holder == article.article_id:
            kept.append(one)
        else:
            refused.append(
                RejectedArticle(
                    source=article.source,
                    source_id=article.source_id,
                    reason=f"id {article.source_id} of {article.outlet} was read before with "
                    f"another text or headline, as article {holder}, which stays",
                )
            )
    return kept, refused
