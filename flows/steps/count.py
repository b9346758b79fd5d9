"""Independent newsrooms of each story cluster: copies of one text count once."""

from collections.abc import Mapping

from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.newsrooms import count_newsrooms
from wirethread.flows.steps.docket import Docket
from wirethread.flows.steps.match import load_texts

__all__ = ["count_story_newsrooms"]


def count_story_newsrooms(docket: Docket) -> Mapping[str, int]:
    """Count anew the newsrooms of every cluster that changed, or whose articles' copy did."""
    catalog = docket.catalog
    pending = docket.list_pending()
    touched = {*pending, *catalog.copy.find_articles_sharing_copy(pending)} if pending else set()
    cluster_ids = {
        *catalog.stories.find_clusters_of_articles(touched).values(),
        *catalog.surroundings.find_uncounted_clusters(),
    }
    clusters = catalog.stories.load_clusters(cluster_ids)
    members = sorted({one for cluster in clusters for one in cluster.article_ids})
    passages = catalog.copy.load_passages(members)
    origins = {
        passage.origin_article_id for passage in passages if passage.origin_article_id is not None
    }
    known = load_texts(catalog, sorted({*members, *origins}))
    texts = {one.article_id: one for one in known}
    matches = catalog.copy.load_verdicts(members)
    derivations = {
        article.article_id: article for article in derive_articles(known, passages, matches)
    }
    duplicates = catalog.copy.load_duplicates(members)
    verdicts = {}
    for cluster in clusters:
        articles = [texts[one] for one in cluster.article_ids]
        count = count_newsrooms(
            articles, [derivations[one] for one in cluster.article_ids], passages, duplicates
        )
        verdicts[cluster.cluster_id] = count.verdicts
    with docket.finishing(pending):
        catalog.stories.replace_story_newsrooms(docket.run_id, verdicts, cluster_ids=cluster_ids)
    return {"n_counted_clusters": len(clusters)}
