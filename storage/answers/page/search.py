"""The passages that found paragraphs belong to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import ArticleId, PassageId
from wirethread.storage.answers.page.facts import load_article_facts
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.directory import fetch_about

__all__ = ["HitPassage", "find_hit_passages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPassage:
    """The passage that accounts for most of a paragraph."""

    passage_id: PassageId
    agency: str | None
    origin_article_id: ArticleId | None
    """Where it ran first, None where that is not known."""
    n_places: int
    n_outlets: int


def find_hit_passages(catalog: Catalog, paragraph_ids: Sequence[str]) -> dict[str, HitPassage]:
    """Return the passage of each paragraph that belongs to one."""
    database = catalog._database
    of_paragraph = dict(
        fetch_about(database, _PASSAGE_OF, "paragraph_sources", "paragraph_id", paragraph_ids)
    )
    passage_ids = set(of_paragraph.values())
    passages = {
        row[0]: row[1:]
        for row in fetch_about(database, _PASSAGES, "passages", "passage_id", passage_ids)
    }
    places = fetch_about(database, _PLACES, "passage_places", "passage_id", passage_ids)
    facts = load_article_facts(catalog, (article_id for _, article_id in places))
    n_places: Counter[str] = Counter()
    outlets: dict[str, set[str]] = {}
    for passage_id, article_id in places:
        if article_id in facts:
            n_places[passage_id] += 1
            outlets.setdefault(passage_id, set()).add(facts[article_id].outlet)
    return {
        paragraph_id: HitPassage(
            passage_id=PassageId(passage_id),
            agency=passages[passage_id][0],
            origin_article_id=passages[passage_id][1],
            n_places=n_places[passage_id],
            n_outlets=len(outlets[passage_id]),
        )
        for paragraph_id, passage_id in of_paragraph.items()
        if passage_id in passages and passage_id in outlets
    }


_PASSAGE_OF = (
    "SELECT paragraph_id, arg_min(passage_id, (-share, passage_id)) FROM store.paragraph_sources"
    " WHERE {rows} AND passage_id IS NOT NULL GROUP BY paragraph_id"
)
_PASSAGES = "SELECT passage_id, agency, origin_article_id FROM store.passages WHERE {rows}"
_PLACES = "SELECT passage_id, article_id FROM store.passage_places WHERE {rows}"
