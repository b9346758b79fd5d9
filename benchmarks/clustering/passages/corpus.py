"""Match a whole corpus as the flow does, batch after batch, and show its largest passages.

    python -m benchmarks.clustering.passages.corpus CORPUS.jsonl.gz [--vectors VECTORS.npz]
        [--batch 2000] [--out benchmarks/results/corpus.json]

Vectors are read from the file (`hashes` int64 ascending, `vectors` float32); those that it lacks
are made and saved in it. The result names places by article id and offsets; text is never
written. `--show` prints the text of the largest passages, for a person to read.
"""

import argparse
import json
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clustering.matching.ours import gather_texts, load_vector_table, save_vector_table
from benchmarks.job import Stopwatch
from benchmarks.machine import describe_machine, describe_versions
from wirethread.articles.types.articles import ArticleId, ParsedArticle, PassageMatch
from wirethread.articles.types.copy import Passage
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.stories import parse_source
from wirethread.flows.settings.config import Settings

N_LARGEST = 30


def main() -> None:
    """Match, print the figures, write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--batch", type=int, default=2000)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/corpus.json"))
    options = parser.parse_args()

    watch = Stopwatch()
    with watch.measure("parse"):
        parsed, rejected = parse_source(options.corpus)
        articles = [to_article_text(one) for one in parsed]
    with watch.measure("vectors"):
        vectors = provide_vectors(options.vectors, articles)
    memory_before = read_peak_mib()
    cpu_before = time.process_time()
    with watch.measure("match"):
        matches = match_in_batches(articles, vectors, options.batch)
    cpu_match = time.process_time() - cpu_before
    with watch.measure("join"):
        accepted = [one for one in matches if one.is_match]
        passages = join_passages(accepted, articles)
        derivations = derive_articles(articles, passages, accepted)
    largest = sorted(passages, key=rank_by_articles)[:N_LARGEST]
    longest = sorted(passages, key=rank_by_characters)[:N_LARGEST]
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("numpy", "scipy", "rapidfuzz"),
        "corpus": options.corpus.name.partition(".")[0],
        "n_articles": len(articles),
        "n_rejected": len(rejected),
        "n_paragraphs": sum(len(one.paragraphs) for one in articles),
        "n_vectors": len(vectors.hashes),
        "articles_per_batch": options.batch,
        "window_days": Settings().matching.window_days,
        "seconds": {name: round(spent, 1) for name, spent in watch.seconds.items()},
        "match_cpu_seconds": round(cpu_match, 1),
        "peak_mib": round(read_peak_mib()),
        "peak_mib_before_matching": round(memory_before),
        "n_verdicts": len(matches),
        "n_matches": len(accepted),
        "n_passages": len(passages),
        "n_articles_with_passages": len(
            {place.article_id for one in passages for place in one.places}
        ),
        "derivation": count_derivations(derivations),
        "largest_by_articles": [describe(one, parsed) for one in largest],
        "largest_by_characters": [describe(one, parsed) for one in longest],
    }
    print(json.dumps({k: v for k, v in result.items() if not k.startswith("largest")}, indent=1))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.show:
        for title, chosen in (("articles", largest), ("characters", longest)):
            print(f"\n=== the {len(chosen)} largest passages by {title}")
            for number, passage in enumerate(chosen, 1):
                show(number, passage, parsed)


def provide_vectors(path: Path | None, articles: list[ArticleText]) -> VectorTable:
    """Read the vectors of the body paragraphs; make those that are missing, and save them."""
    texts = gather_texts(articles)
    keys = np.array(list(texts), dtype=np.int64)
    vectors = np.empty((len(keys), 0), dtype=np.float32)
    is_known = np.zeros(len(keys), dtype=bool)
    if path is not None and path.is_file():
        table = load_vector_table(path)
        at = np.minimum(np.searchsorted(table.hashes, keys), len(table.hashes) - 1)
        is_known = table.hashes[at] == keys
        vectors = table.vectors[at]
    missing = [text for text, known in zip(texts.values(), is_known, strict=True) if not known]
    if missing:
        made = load_encoder("default").encode(missing)
        if vectors.shape[1] == 0:
            vectors = made
        else:
            vectors[~is_known] = made
        if path is not None:
            save_vector_table(path, list(texts), vectors)
    order = np.argsort(keys)
    return VectorTable(hashes=keys[order], vectors=vectors[order])


def match_in_batches(
    articles: Sequence[ArticleText], vectors: VectorTable, batch_size: int
) -> list[PassageMatch]:
    """Match the articles a batch at a time, the earliest first, each with its neighbourhood."""
    settings, encoder = Settings().matching, LazyEncoder(EmbeddingSettings())
    matches: list[PassageMatch] = []
    for near, is_new in cut_batches(articles, batch_size, settings.window_days):
        begin = time.perf_counter()
        found = match_passages(near, vectors, is_new, settings, read_tokens=encoder.encode_tokens)
        matches += found
        print(
            f"{is_new.sum()} new articles among {len(near)}: {len(found)} verdicts, "
            f"{time.perf_counter() - begin:.1f} s",
            flush=True,
        )
    return matches


def cut_batches(
    articles: Sequence[ArticleText], batch_size: int, window_days: float
) -> Iterator[tuple[list[ArticleText], np.ndarray[Any, np.dtype[np.bool_]]]]:
    """Yield each batch with the earlier articles near it in time, and which ones are new."""
    earliest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(articles, key=lambda one: (one.published_at or earliest, one.article_id))
    margin = timedelta(days=window_days, seconds=1)
    for begin in range(0, len(ordered), batch_size):
        new = ordered[begin : begin + batch_size]
        times = [one.published_at for one in new if one.published_at is not None]
        known = [
            entry
            for entry in ordered[:begin]
            if entry.published_at is None or (times and entry.published_at >= min(times) - margin)
        ]
        near = sorted([*known, *new], key=lambda one: one.article_id)
        names = {one.article_id for one in new}
        yield near, np.array([one.article_id in names for one in near], dtype=bool)


def rank_by_articles(passage: Passage) -> tuple[int, int, str]:
    """Order passages by how many articles carry them, then by length."""
    return (
        -len({one.article_id for one in passage.places}),
        -n_characters(passage),
        passage.passage_id,
    )


def rank_by_characters(passage: Passage) -> tuple[int, str]:
    """Order passages by the characters of all their places."""
    return (-n_characters(passage), passage.passage_id)


def n_characters(passage: Passage) -> int:
    """Return the characters of all places of a passage."""
    return sum(one.end - one.begin for one in passage.places)


def describe(passage: Passage, parsed: Sequence[ParsedArticle]) -> dict[str, Any]:
    """Return a passage by ids and offsets."""
    names = {one.article.article_id: one.article.source_id for one in parsed}
    return {
        "passage_id": passage.passage_id,
        "agency": passage.agency,
        "n_articles": len({one.article_id for one in passage.places}),
        "n_characters": n_characters(passage),
        "places": [
            {"id": names[place.article_id], "begin": place.begin, "end": place.end}
            for place in passage.places
        ],
    }


def show(number: int, passage: Passage, parsed: Sequence[ParsedArticle]) -> None:
    """Print the text of a passage's places."""
    by_id: dict[ArticleId, ParsedArticle] = {one.article.article_id: one for one in parsed}
    print(f"\n--- {number}. {passage.passage_id} agency {passage.agency}: {passage.reason}")
    for place in passage.places:
        article = by_id[place.article_id].article
        words = " ".join(article.text[place.begin : place.end].split())
        day = article.published_at.date() if article.published_at else None
        print(f"[{article.outlet} {day} {place.end - place.begin}] {words[:320]}")


def count_derivations(derivations: Sequence[Any]) -> dict[str, int]:
    """Return how many articles are wholly, partly and not derived."""
    counts: dict[str, int] = {}
    for derivation in derivations:
        name = str(getattr(derivation.derivation, "value", derivation.derivation))
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def read_peak_mib() -> float:
    """Return the largest resident set of this process so far. Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
