"""For the gate: what a day costs on a long archive against a short one, from made news."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from benchmarks.flows.daily_growth_job import take_in_day
from benchmarks.made.grown_archive import grow_archive
from benchmarks.made.made_news import ARTICLES_A_DAY, make_news
from wirethread.clustering.settings import StoryArticle
from wirethread.storage.catalog import SNAPSHOT_FILE, Catalog
from wirethread.storage.publish import publish_snapshot

__all__ = ["measure_days"]

N_BASE_ARTICLES = 2_000
N_DAY_ARTICLES = 60
N_SETS = 10
REPEATS = 2
EARLIER = timedelta(days=3_652)
"""Made news is of 2031, and an article of the future is set aside."""
MODEL = "hashing"


def measure_days() -> dict[str, float]:
    """Return how many times the processor seconds a day costs with ten times the articles stored.

    Steps run as plain functions from now on in this process.
    """
    news = make_news(N_BASE_ARTICLES + N_DAY_ARTICLES).articles
    with tempfile.TemporaryDirectory() as work:
        base, folder = Path(work, "base"), Path(work, "archive")
        old = write_articles(Path(work, "old.jsonl"), news[:N_BASE_ARTICLES])
        day = write_articles(Path(work, "day.jsonl"), news[N_BASE_ARTICLES:])
        take_in_day({"archive": str(base), "day": str(old), "model": MODEL, "vectors": []})
        spent: dict[int, list[float]] = {1: [], N_SETS: []}
        for _ in range(REPEATS):
            for n_sets, seconds in spent.items():
                build_archive(base, folder, n_sets)
                request = {"archive": str(folder), "day": str(day), "model": MODEL, "vectors": []}
                seconds.append(take_in_day(request)["cpu_seconds"]["whole run"])
    return {"ratio.day_growth": min(spent[N_SETS]) / min(spent[1])}


def build_archive(base: Path, folder: Path, n_sets: int) -> None:
    """Write the base with older copies before it, published, with the spare of one in use."""
    shutil.rmtree(folder, ignore_errors=True)
    n_days = N_BASE_ARTICLES / ARTICLES_A_DAY + 3
    grow_archive(base, folder, n_sets, n_days, n_whole=n_sets)
    with Catalog.open(folder) as catalog:
        publish_snapshot(catalog, force=True)
    shutil.copyfile(folder / SNAPSHOT_FILE, folder / "published.spare")


def write_articles(file: Path, articles: Iterable[StoryArticle]) -> Path:
    """Write made articles as a source that a run reads."""
    with file.open("w", encoding="utf-8") as lines:
        for place, article in enumerate(articles):
            if article.published_at is None:
                raise ValueError(f"{article.article_id} has no time")
            row = {
                "id": article.article_id,
                "outlet": f"outlet-{place % 40}.example",
                "title": article.headline,
                "text": article.text.replace("\n", "\n\n"),
                "published_at": (article.published_at - EARLIER).isoformat(),
                "language": "en",
            }
            lines.write(json.dumps(row) + "\n")
    return file
