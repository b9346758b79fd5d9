"""How long story clustering takes: many articles from nothing, and a day on archives of two sizes.

    python -m benchmarks.clustering.stories.story_scale CORPUS.jsonl.gz [--vectors FILE.npz]
        [--articles 12000] [--small 10000] [--large 100000]
        [--out benchmarks/results/story_scale.json]

From nothing: links, clusters, identity and threads of articles in memory, at their own dates and
with all of them squeezed into a month. A day: the story steps of a run on the disk, on a catalog
with an archive of generated articles, which for the small catalog are the newest of the large one,
so that what lies near the new day is the same in both.
"""

import argparse
import gzip
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.made.daily_runs import CachedEncoder
from benchmarks.made.inside import open_tables
from benchmarks.measuring import round_all
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.records.record import read_record
from wirethread.articles.types.articles import ParsedArticle, RejectedArticle
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.identity import inherit_identity
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.threads import thread_articles
from wirethread.embedding.hashing import HashingEncoder
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.road import ROAD
from wirethread.flows.runners.here import HereRunner
from wirethread.flows.settings.config import Settings
from wirethread.flows.stages.linking import to_story_article
from wirethread.flows.steps.count import count_story_newsrooms
from wirethread.flows.steps.docket import Docket, Workplace
from wirethread.flows.steps.threads import cluster_stories, link_pending, tie_threads
from wirethread.flows.work import ARTICLES_PER_BATCH
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

Row = dict[str, Any]

SQUEEZED_DAYS = 30
ARTICLES_A_DAY = 100
MEASURED_DAYS = 5
DAYS_PER_FILLING = 20
"""The archive is taken in by so many days at a time."""
LAST_DAY = datetime(2020, 6, 30, tzinfo=UTC)
VERSION = "scale"


def read_corpus(path: Path, limit: int) -> list[Row]:
    """Return the first articles of a corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, limit)]


def parse_rows(rows: Sequence[Row]) -> list[ParsedArticle]:
    """Parse records; what cannot be parsed, or stands twice, is left out."""
    parsed: dict[str, ParsedArticle] = {}
    for row in rows:
        source = read_record(row, "corpus")
        found = source if isinstance(source, RejectedArticle) else parse_article(source)
        if not isinstance(found, RejectedArticle):
            parsed[found.article.article_id] = found
    return list(parsed.values())


def describe_opening(row: Row) -> str:
    """Return headline and first 60 words: the text that stands for an article here."""
    return f"{(row['title'] or '').strip()}\n{' '.join((row['text'] or '').split()[:60])}"


class Timer:
    """Wall-clock and processor seconds by name, of this process."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}

    def do(self, name: str, work: Callable[[], Any]) -> Any:
        """Do something and add up what it took."""
        begun, cpu = time.perf_counter(), time.process_time()
        found = work()
        for table, spent in (
            (self.seconds, time.perf_counter() - begun),
            (self.cpu_seconds, time.process_time() - cpu),
        ):
            table[name] = table.get(name, 0.0) + spent
        return found


def cluster_from_nothing(
    articles: Sequence[StoryArticle], vectors: NDArray[np.float32], settings: Settings
) -> Row:
    """Do all story steps on articles in memory."""
    timer = Timer()
    links = timer.do("links", lambda: score_links(articles, vectors, settings=settings.stories))
    ids = [one.article_id for one in articles]
    groups = timer.do("clusters", lambda: cluster_articles(ids, links, settings=settings.stories))
    headlines = {one.article_id: one.headline for one in articles}
    clusters, _ = timer.do(
        "identity", lambda: inherit_identity([], groups, headlines=headlines, links=links)
    )
    threads, _ = timer.do(
        "threads",
        lambda: thread_articles(
            clusters, articles, links, settings=settings.threads, story_settings=settings.stories
        ),
    )
    return {
        "n_articles": len(articles),
        "n_links": len(links),
        "n_clusters": len(clusters),
        "largest_cluster": max(len(one.article_ids) for one in clusters),
        "n_threads": len(threads),
        "seconds": timer.seconds,
        "cpu_seconds": timer.cpu_seconds,
        "total_seconds": sum(timer.seconds.values()),
        "total_cpu_seconds": sum(timer.cpu_seconds.values()),
        "peak_mib_so_far": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def squeeze(articles: Sequence[StoryArticle]) -> list[StoryArticle]:
    """Return the articles with their time so compressed that all lie within a month."""
    dated = [one for one in articles if one.published_at is not None]
    times = [one.published_at for one in dated if one.published_at is not None]
    first, span = min(times), max(times) - min(times)
    factor = timedelta(days=SQUEEZED_DAYS) / span
    return [
        replace(article, published_at=first + (article.published_at - first) * factor)
        for article in dated
        if article.published_at is not None
    ]


def generate_articles(rows: Sequence[Row], n_articles: int, *, seed: int) -> Iterator[Row]:
    """Yield articles, the newest first, `ARTICLES_A_DAY` a day, in stories of one to twelve.

    A story is one article of the corpus; each telling of it draws most of its words again from that
    article and the rest from anywhere, and comes within two days of the others.
    """
    chance = random.Random(seed)
    anywhere = [word for row in chance.sample(rows, 200) for word in (row["text"] or "").split()]
    told = 0
    while told < n_articles:
        base = chance.choice(rows)
        words = (base["text"] or "").split() or ["nothing"]
        size = min(1 + int(chance.expovariate(0.7)), 12, n_articles - told)
        end = LAST_DAY - timedelta(days=told / ARTICLES_A_DAY)
        for number in range(size):
            text = " ".join(chance.choices(words, k=110) + chance.choices(anywhere, k=40))
            title = " ".join([*(base["title"] or "").split()[:8], chance.choice(anywhere)])
            moment = end - timedelta(seconds=chance.random() * 2 * 86_400)
            yield {
                "id": f"made-{told + number}",
                "outlet": f"outlet-{chance.randrange(40)}.example",
                "title": title,
                "text": text,
                "language": "en",
                "published_at": moment.isoformat(),
            }
        told += size


def take_in(
    catalog: Catalog, encoder: HashingEncoder, rows: Sequence[Row], run_id: str
) -> list[Any]:
    """Store articles and the vectors of their openings; return their ids by time."""
    parsed = parse_rows(rows)
    catalog.articles.add_articles(run_id, parsed, [])
    ids = sorted(one.article.article_id for one in parsed)
    hashes = catalog.articles.find_opening_hashes(ids)
    batch = catalog.vectors.select_texts_to_embed(encoder.model_id, 10_000_000)
    wanted = np.isin(batch.hashes, hashes)
    texts = [
        text for text, is_wanted in zip(batch.texts, wanted.tolist(), strict=True) if is_wanted
    ]
    if texts:
        open_segments(catalog, encoder).add(batch.hashes[wanted], encoder.encode(texts))
    return ids


def open_segments(catalog: Catalog, encoder: HashingEncoder) -> VectorSegments:
    return VectorSegments(
        catalog.folder, catalog, model_id=encoder.model_id, dimension=encoder.dimension
    )


def run_story_steps(
    catalog: Catalog, encoder: HashingEncoder, settings: Settings, run_id: str
) -> Timer:
    """Do the story steps of a run for whatever is new."""
    timer = Timer()
    vectors = open_segments(catalog, encoder)

    dockets = {
        step.name: Docket(
            catalog=catalog,
            run_id=run_id,
            mark=step.mark or "",
            fingerprint=VERSION,
            after=step.after,
        )
        for step in ROAD
    }

    def link() -> int:
        workplace = Workplace(runner=HereRunner(), tell_set_aside=print)
        catalog.vectors.mark_embedded(vectors.model_id, dockets["link"].list_pending(), run_id)
        return link_pending(
            dockets["link"], vectors, settings.stories, workplace, ARTICLES_PER_BATCH
        )["n_new_links"]

    timer.do("link", link)
    timer.do("cluster", lambda: cluster_stories(dockets["cluster"], settings.stories))
    timer.do("thread", lambda: tie_threads(dockets["thread"], settings.threads, settings.stories))
    timer.do("count", lambda: count_story_newsrooms(dockets["count"]))
    return timer


def fill_archive(settings: Settings, encoder: HashingEncoder, rows: Sequence[Row]) -> Row:
    """Take in an archive, oldest first, some weeks at a time."""
    begun = time.perf_counter()
    size = DAYS_PER_FILLING * ARTICLES_A_DAY
    ordered = rows[::-1]
    for number, at in enumerate(range(0, len(ordered), size)):
        with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
            run_id = f"fill-{number:04}"
            catalog.runs.begin_run(run_id, [], "{}")
            take_in(catalog, encoder, ordered[at : at + size], run_id)
            timer = run_story_steps(catalog, encoder, settings, run_id)
            open_segments(catalog, encoder).compact_segments(20_000)
            catalog.runs.finish_run(run_id, "finished", {})
        print(
            f"  {min(at + size, len(ordered)):,} articles, {time.perf_counter() - begun:.0f} s, "
            + ", ".join(f"{name} {one:.1f}" for name, one in timer.seconds.items()),
            flush=True,
        )
    return {"fill_seconds": time.perf_counter() - begun}


def measure_days(settings: Settings, encoder: HashingEncoder, days: Sequence[Sequence[Row]]) -> Row:
    """Run the story steps of several days; return the medians."""
    timers = []
    for number, rows in enumerate(days):
        with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
            run_id = f"measure-{number:04}"
            catalog.runs.begin_run(run_id, [], "{}")
            take_in(catalog, encoder, rows, run_id)
            timers.append(run_story_steps(catalog, encoder, settings, run_id))
            catalog.runs.finish_run(run_id, "finished", {})
    with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
        counts = {
            f"n_{name}": open_tables(catalog).fetch_value(f"SELECT count(*) FROM {name}")
            for name in ("articles", "links", "story_clusters", "story_threads")
        }
    return {
        **counts,
        **{
            table: {
                name: float(np.median([getattr(one, table)[name] for one in timers]))
                for name in timers[0].seconds
            }
            for table in ("seconds", "cpu_seconds")
        },
        "total_seconds": float(np.median([sum(one.seconds.values()) for one in timers])),
        "total_cpu_seconds": float(np.median([sum(one.cpu_seconds.values()) for one in timers])),
    }


def compare_archives(
    rows: Sequence[Row], small: int, large: int, folder: Path
) -> Mapping[str, Row]:
    """Measure the same days on two archives."""
    encoder = HashingEncoder()
    n_new = MEASURED_DAYS * ARTICLES_A_DAY
    made = list(generate_articles(rows, large + n_new, seed=7))
    made.sort(key=lambda one: str(one["published_at"]), reverse=True)
    newest = made[:n_new][::-1]
    days = [newest[at : at + ARTICLES_A_DAY] for at in range(0, n_new, ARTICLES_A_DAY)]
    found = {}
    for name, size in (("small", small), ("large", large)):
        settings = Settings(
            data_folder=str(folder / name), embedding=EmbeddingSettings(model="hashing")
        )
        print(f"{name} archive, {size:,} articles", flush=True)
        filled = fill_archive(settings, encoder, made[n_new : n_new + size])
        found[name] = {
            "n_older_articles": size,
            **filled,
            **measure_days(settings, encoder, days),
        }
        print(found[name], flush=True)
    return found


def measure_from_nothing(path: Path, n_articles: int, vectors: Sequence[Path]) -> Mapping[str, Row]:
    """Cluster the corpus from nothing: at its own dates, within a month, all with all."""
    settings = Settings()
    rows = read_corpus(path, n_articles)
    parsed = parse_rows(rows)
    texts = {str(row["id"]): describe_opening(row) for row in rows}
    articles = [to_story_article(one) for one in parsed]
    encoder = CachedEncoder(settings, vectors)
    openings = encoder.encode([texts[str(one.article.source_id)] for one in parsed])
    print(f"{len(articles):,} articles, {encoder.n_encoded:,} openings encoded here", flush=True)
    found = {"own dates": cluster_from_nothing(articles, openings, settings)}
    print(found["own dates"], flush=True)
    found["one month"] = cluster_from_nothing(squeeze(articles), openings, settings)
    print(found["one month"], flush=True)
    undated = [replace(one, published_at=None) for one in articles]
    found["no dates"] = cluster_from_nothing(undated, openings, settings)
    print(found["no dates"], flush=True)
    return found


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vectors", type=Path, nargs="*", default=[])
    parser.add_argument("--articles", type=int, default=12_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--part", choices=("both", "nothing", "archives"), default="both")
    parser.add_argument("--keep", type=Path, help="Folder for the data; else a temporary one.")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/story_scale.json"))
    options = parser.parse_args()
    result: Row = {}
    if options.part != "both" and options.out.is_file():
        result = json.loads(options.out.read_text(encoding="utf-8"))
    load_before = os.getloadavg()[0]
    if options.part != "archives":
        result["from_nothing"] = measure_from_nothing(
            options.corpus, options.articles, options.vectors
        )
    if options.part != "nothing":
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or Path(temporary)
            rows = read_corpus(options.corpus, options.articles)
            archives = compare_archives(rows, options.small, options.large, folder)
        result["articles_a_day"] = ARTICLES_A_DAY
        result["measured_days"] = MEASURED_DAYS
        result["archives"] = archives
        result["ratio"] = {
            name: archives["large"][name] / archives["small"][name]
            for name in ("total_seconds", "total_cpu_seconds")
        }
    result |= {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_before": round(load_before, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions("duckdb", "faiss-cpu", "numpy", "scipy"),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
