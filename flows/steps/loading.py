"""What several steps load alike: articles at their first times, what people said of them."""

from collections.abc import Sequence
from dataclasses import replace

from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind, ParsedArticle
from wirethread.storage.catalog import Catalog

__all__ = ["carry_corrections", "list_embedded", "with_first_times"]


def list_embedded(
    catalog: Catalog, article_ids: Sequence[ArticleId], model_id: str
) -> list[ArticleId]:
    """Return the articles but for those whose texts were set aside when they were embedded."""
    waiting = set(catalog.vectors.list_articles_to_embed(model_id))
    return [one for one in article_ids if one not in waiting]


def with_first_times(catalog: Catalog, parsed: Sequence[ParsedArticle]) -> list[ParsedArticle]:
    """Let each version carry the time at which its article first ran.

    An agency that updates its copy after a paper printed it did not get it from that paper.
    """
    times = catalog.versions.find_first_times([one.article.article_id for one in parsed])
    return [
        replace(
            article,
            article=replace(
                article.article,
                published_at=times[article.article.article_id][0],
                published_precision=times[article.article.article_id][1],
            ),
        )
        if article.article.article_id in times
        else article
        for article in parsed
    ]


def carry_corrections(catalog: Catalog, corrections: Sequence[Correction]) -> list[Correction]:
    """Let what people said about an older version hold for the current one.

    What they said of two versions of one article has nothing left to say.
    """
    ids = {one.left_id for one in corrections} | {one.right_id or "" for one in corrections}
    found = catalog.versions.find_current(ids)
    current = {str(old): str(new) for old, new in found.items()}
    carried = [
        correction
        if correction.kind is CorrectionKind.PIN_TITLE
        else replace(
            correction,
            left_id=current.get(correction.left_id, correction.left_id),
            right_id=current.get(correction.right_id, correction.right_id)
            if correction.right_id
            else None,
        )
        for correction in corrections
    ]
    return [one for one in carried if one.left_id != one.right_id]
