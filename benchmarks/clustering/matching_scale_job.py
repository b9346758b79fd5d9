"""Ours at one size, in a process of its own: passages, or links with clusters and threads."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clustering.passages.corpus import match_in_batches
from benchmarks.job import Stopwatch, run_job
from benchmarks.made.grown_news import (
    grow_articles,
    grow_paragraphs,
    list_texts,
    load_base,
    make_base,
)
from benchmarks.measuring import read_pss
from wirethread.clustering.links.score import score_links
from wirethread.clustering.stories.identity import inherit_identity
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.threads import thread_articles
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.stories import parse_source

Row = dict[str, Any]

ARTICLES_PER_BATCH = 2_000


def embed_openings(request: Row) -> Row:
    """Make the vectors of headline and first 60 words, by source id."""
    watch = Stopwatch()
    parsed, _ = parse_source(Path(request["corpus"]))
    ids = [str(one.article.source_id) for one in parsed]
    texts = [f"{one.article.headline}\n{' '.join(one.article.text.split()[:60])}" for one in parsed]
    with watch.measure("find"):
        rows = load_encoder("default").encode(texts)
    np.savez(request["vectors"], ids=np.array(ids), vectors=rows.astype(np.float16))
    return {"n": len(ids), "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


def prepare(request: Row) -> Row:
    """Parse the corpus once for all sizes."""
    make_base(Path(request["corpus"]), Path(request["vectors"]), Path(request["base"]))
    return {"n": len(load_base(Path(request["base"])).stories)}


def match(request: Row) -> Row:
    """Match the paragraphs of some size, batch after batch as a run does."""
    watch = Stopwatch()
    articles, vectors = grow_paragraphs(load_base(Path(request["base"])), request["size"])
    before = read_pss_mib()
    with watch.measure("find"):
        matches = match_in_batches(articles, vectors, ARTICLES_PER_BATCH)
    return {
        "n": sum(len(one.paragraphs) for one in articles),
        "n_articles": len(articles),
        "n_found": sum(one.is_match for one in matches),
        "mib_before": before,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }


def cluster(request: Row) -> Row:
    """Link, cluster and thread articles from nothing."""
    watch = Stopwatch()
    articles, vectors = grow_articles(load_base(Path(request["base"])), request["size"])
    before = read_pss_mib()
    ids = [one.article_id for one in articles]
    headlines = {one.article_id: one.headline for one in articles}
    with watch.measure("links"):
        links = score_links(articles, vectors)
    with watch.measure("clusters"):
        groups = cluster_articles(ids, links)
        clusters, _ = inherit_identity([], groups, headlines=headlines, links=links)
    with watch.measure("threads"):
        threads, _ = thread_articles(clusters, articles, links)
    return {
        "n": len(articles),
        "n_links": len(links),
        "n_found": len(clusters),
        "n_threads": len(threads),
        "mib_before": before,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }


def write_peer_inputs(request: Row) -> Row:
    """Write texts and vectors of some size for peers."""
    base = load_base(Path(request["base"]))
    with Path(request["articles"]).open("w", encoding="utf-8") as file:
        if request["kind"] == "paragraphs":
            articles, table = grow_paragraphs(base, request["size"])
            texts = list(list_texts(articles))
            file.writelines(json.dumps({"text": one}) + "\n" for one in texts)
            hashes = [int(one.text_hash) for a in articles for one in a.paragraphs]
            rows = table.vectors[np.searchsorted(table.hashes, hashes)]
        else:
            stories, rows = grow_articles(base, request["size"])
            texts = [one.text for one in stories]
            file.writelines(
                json.dumps({"id": story.article_id, "title": story.headline, "text": story.text})
                + "\n"
                for story in stories
            )
    np.save(request["rows"], rows)
    return {"n": len(texts)}


def read_pss_mib() -> float:
    """Return the memory of this process in MiB."""
    import os  # noqa: PLC0415

    return read_pss(os.getpid()) / 1024


STEPS = {
    "embed": embed_openings,
    "prepare": prepare,
    "paragraphs": match,
    "articles": cluster,
    "inputs": write_peer_inputs,
}


def work(request: Row) -> Row:
    """Do the step that the request names."""
    return STEPS[request["step"]](request)


if __name__ == "__main__":
    run_job(work)
