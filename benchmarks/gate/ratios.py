"""Ratios for the gate: processor seconds of this process against a plain way, and against size.

Against a plain way, matrix products run in one thread: of several, those that wait do so busily,
and a product of a millisecond would count as many more.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from threadpoolctl import threadpool_limits

from benchmarks.fitting import fit_exponent
from benchmarks.made.made_crowds import make_crowd
from benchmarks.made.made_news import MadeNews, make_news
from wirethread.articles.types.articles import ArticleId, Link, StoryCluster
from wirethread.clustering.links.score import score_links
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.stories.identity import inherit_identity
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.threads import thread_articles

__all__ = ["measure_ratios"]

STORY_SIZES = (1_000, 2_000, 4_000)
MATCH_SIZES = (500, 1_000, 2_000)
"""Both far longer than a window, at so many articles a day."""
CROWDS = ("copies", "edited copies", "templates", "few words")
CROWD_SIZES = (250, 500, 1_000)
N_MATCHED_PLAINLY = 500
N_LINKED_PLAINLY = 250
N_ENCODED = 200
ROUNDS = 3


def measure_ratios(left_out: list[str]) -> dict[str, float]:
    """Return growth exponents and ratios; what cannot be measured here is named in `left_out`."""
    news = {size: make_news(size) for size in sorted({*STORY_SIZES, *MATCH_SIZES})}
    first = news[min(news)]
    time_once(lambda: score_links(first.articles, first.openings))  # loads the word lists
    stories = [news[size] for size in STORY_SIZES]
    linked = [score_links(n.articles, n.openings) for n in stories]
    clustered = [cluster(n, links) for n, links in zip(stories, linked, strict=True)]
    measured = {
        "ratio.links_exponent": grow(
            STORY_SIZES, [lambda n=n: score_links(n.articles, n.openings) for n in stories]
        ),
        "ratio.matching_exponent": grow(
            MATCH_SIZES, [lambda n=news[size]: match(n) for size in MATCH_SIZES], rounds=2
        ),
        "ratio.clusters_exponent": grow(
            STORY_SIZES,
            [
                lambda n=n, links=links: group(n, links)
                for n, links in zip(stories, linked, strict=True)
            ],
        ),
        "ratio.threads_exponent": grow(
            STORY_SIZES,
            [
                lambda n=n, links=links, found=found: thread_articles(found, n.articles, links)
                for n, links, found in zip(stories, linked, clustered, strict=True)
            ],
        ),
    }
    measured |= measure_crowds()
    with threadpool_limits(limits=1, user_api="blas"):
        measured |= compare_with_plain_ways()
    measured |= measure_encoder(make_news(N_MATCHED_PLAINLY), left_out)
    return measured


def compare_with_plain_ways() -> dict[str, float]:
    """Return how many times the processor seconds of ours comparing every two takes."""
    linked, matched = make_news(N_LINKED_PLAINLY), make_news(N_MATCHED_PLAINLY)
    return {
        "ratio.links_against_every_pair": least(lambda: link_plainly(linked), 1)
        / least(lambda: score_links(linked.articles, linked.openings)),
        "ratio.matching_against_every_pair": least(lambda: match_plainly(matched), 2)
        / least(lambda: match(matched), 9),  # half a second each: three were not enough
    }


def measure_crowds() -> dict[str, float]:
    """Return how matching and linking grow where all articles are one text, or one form."""
    measured = {}
    for kind in CROWDS:
        news = {size: make_crowd(kind, size) for size in CROWD_SIZES}
        name = kind.replace(" ", "_")
        measured[f"ratio.{name}_matching_exponent"] = grow(
            CROWD_SIZES, [lambda n=news[size]: match(n) for size in CROWD_SIZES], rounds=2
        )
        measured[f"ratio.{name}_links_exponent"] = grow(
            CROWD_SIZES,
            [lambda n=news[size]: score_links(n.articles, n.openings) for size in CROWD_SIZES],
        )
    return measured


def match(news: MadeNews) -> Any:
    """Match every article with its window."""
    everything = np.ones(len(news.texts), dtype=bool)
    return match_passages(news.texts, news.vectors, everything, MatchSettings())


def match_plainly(news: MadeNews) -> Any:
    """Compare every two paragraphs by their characters."""
    texts = [one.text for article in news.texts for one in article.paragraphs]
    return process.cdist(texts, texts, scorer=fuzz.ratio, workers=1, dtype=np.uint8)


def link_plainly(news: MadeNews) -> float:
    """Compare every two articles, one by one."""
    weights = weigh_terms(news.articles).weights
    total = 0.0
    rows = [weights[[place]] for place in range(len(news.articles))]
    for place, row in enumerate(rows):
        for other in range(place + 1, len(rows)):
            total += 0.4 * float(news.openings[place] @ news.openings[other])
            total += 0.6 * float(row.multiply(rows[other]).sum())
    return total


def group(news: MadeNews, links: Sequence[Link]) -> Sequence[Sequence[ArticleId]]:
    """Return the articles of each cluster."""
    return cluster_articles([article.article_id for article in news.articles], links)


def cluster(news: MadeNews, links: Sequence[Link]) -> list[StoryCluster]:
    """Return clusters with names of their own, as threads are made of them."""
    headlines = {article.article_id: article.headline for article in news.articles}
    clusters, _ = inherit_identity([], group(news, links), headlines=headlines, links=links)
    return clusters


def measure_encoder(news: MadeNews, left_out: list[str]) -> dict[str, float]:
    """Return how many times the processor seconds of ours plain encoding takes."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to load

    from wirethread.embedding.model_files import locate_model  # noqa: PLC0415
    from wirethread.embedding.sentence import load_encoder  # noqa: PLC0415

    ours: Any = load_encoder("default", device="cpu")
    if "torch" in str(ours.engine):
        left_out.append(f"ratio.encoder_against_plain: the engine here is {ours.engine}")
        return {}
    folder = locate_model("default")
    plain = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
    plain.max_seq_length = folder.max_tokens
    texts = [one.text for article in news.texts for one in article.paragraphs][:N_ENCODED]

    def encode_plainly() -> NDArray[np.float32]:
        return np.asarray(plain.encode(texts, normalize_embeddings=True))

    ours.encode(texts[:20])
    plain.encode(texts[:20])
    return {
        "ratio.encoder_against_plain": least(encode_plainly, repeats=2)
        / least(lambda: ours.encode(texts), repeats=2)
    }


def grow(sizes: Sequence[int], works: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> float:
    """Return the exponent of the processor seconds of a work at some sizes.

    The sizes take turns and the middle time of each counts: what a machine does to the clock for a
    while then falls on all of them alike.
    """
    times = np.asarray([[time_once(work) for work in works] for _ in range(rounds)])
    return fit_exponent(sizes, np.median(times, axis=0).tolist())


def least(work: Callable[[], Any], repeats: int = 3) -> float:
    """Return the fewest processor seconds that some work took: other load only ever adds."""
    return min(time_once(work) for _ in range(repeats))


def time_once(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
