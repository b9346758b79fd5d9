"""Made articles of one kind and number through the whole run, in a process of its own."""

import json
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.flows.daily_growth_job import timing_steps
from benchmarks.job import run_job
from benchmarks.made.inside import open_tables
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import pipeline
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog

__all__ = ["KINDS", "make_records", "run_widths"]

BEGIN = datetime.fromisoformat("2026-11-02T06:00:00+00:00")
KINDS = ("different", "copies", "edited copies", "templates", "few words")
_PARAGRAPHS = 5
_SENTENCES = 3
_FEW = 27
_SYLLABLES = [
    *("ba", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "tu"),
    *("ka", "le", "mi", "po", "ra", "se", "ti", "vo", "za", "du"),
]
_FRAME = (
    "{place} will see {sky} on {day}, with a high of {high} degrees and a low of {low}.",
    "Winds from the {wind} reach {speed} kilometres an hour in the afternoon near {river}.",
    "The chance of rain in {place} stands at {chance} percent, the forecasters say.",
)
_SKIES = ("sunshine", "clouds", "light rain", "heavy showers", "fog", "snow", "thunder", "drizzle")
_WINDS = ("north", "south", "east", "west", "northeast", "southwest")


def make_records(kind: str, n_articles: int, *, seed: int = 3) -> Iterator[dict[str, Any]]:
    """Yield so many articles of a kind, each of another outlet, within an hour.

    `copies` carry one text under their own headline, `edited copies` change some words, leave out
    paragraphs and add one of their own, `templates` are one frame with other names and figures,
    `few words` are made of the same few words in any order, and `different` have nothing in common.
    """
    chance = np.random.default_rng(seed)
    words = _make_words(chance, 20_000)
    agency_text = [_make_paragraph(chance, words) for _ in range(_PARAGRAPHS)]
    for number in range(n_articles):
        headline = " ".join(words[one] for one in chance.integers(0, len(words), 7)).capitalize()
        if kind == "copies":
            body = list(agency_text)
        elif kind == "edited copies":
            body = _edit(chance, words, agency_text)
        elif kind == "templates":
            place = words[int(chance.integers(len(words)))].capitalize()
            headline = f"Weather for {place}"
            body = _fill(chance, words, place)
        elif kind == "few words":
            few = words[:_FEW]
            headline = " ".join(chance.choice(few, 7)).capitalize()
            body = [" ".join(chance.choice(few, 30)).capitalize() + "." for _ in range(2)]
        else:
            body = [_make_paragraph(chance, words) for _ in range(_PARAGRAPHS)]
        moment = BEGIN + timedelta(seconds=3600 * number / n_articles)
        yield {
            "id": f"{kind.replace(' ', '-')}-{number}",
            "url": f"https://paper{number}.example/{number}",
            "outlet": f"Paper {number}",
            "title": headline,
            "published_at": moment.isoformat(),
            "text": "\n\n".join(body),
        }


def _make_words(chance: np.random.Generator, n: int) -> list[str]:
    sizes = chance.integers(2, 5, n)
    return ["".join(chance.choice(_SYLLABLES, size)) for size in sizes.tolist()]


def _make_paragraph(chance: np.random.Generator, words: list[str]) -> str:
    sentences = []
    for _ in range(_SENTENCES):
        picked = [words[one] for one in (len(words) * chance.random(12) ** 2).astype(int)]
        sentences.append(" ".join(picked).capitalize() + ".")
    return " ".join(sentences)


def _edit(chance: np.random.Generator, words: list[str], text: list[str]) -> list[str]:
    """Return the text with a few other words, perhaps cut, with a paragraph of the outlet's."""
    body = []
    for paragraph in text[: int(chance.integers(3, len(text) + 1))]:
        tokens = paragraph.split(" ")
        if chance.random() < 0.3:
            for _ in range(int(chance.integers(1, 4))):
                tokens[int(chance.integers(1, len(tokens)))] = words[int(chance.integers(2000))]
        body.append(" ".join(tokens))
    return [*body, _make_paragraph(chance, words)]


def _fill(chance: np.random.Generator, words: list[str], place: str) -> list[str]:
    low = int(chance.integers(-5, 20))
    facts = {
        "place": place,
        "sky": _SKIES[int(chance.integers(len(_SKIES)))],
        "day": "Monday",
        "low": low,
        "high": low + int(chance.integers(2, 15)),
        "wind": _WINDS[int(chance.integers(len(_WINDS)))],
        "speed": int(chance.integers(3, 90)),
        "river": words[int(chance.integers(len(words)))].capitalize(),
        "chance": int(chance.integers(0, 100)),
    }
    return [frame.format(**facts) for frame in _FRAME]


def run_widths(request: dict[str, Any]) -> dict[str, Any]:
    """Take in the articles and do every step, without Prefect; return what each cost."""
    with tempfile.TemporaryDirectory(dir=request.get("folder")) as folder:
        file = Path(folder, "articles.jsonl")
        with file.open("w", encoding="utf-8") as lines:
            for record in make_records(request["kind"], request["size"]):
                lines.write(json.dumps(record) + "\n")
        settings = Settings(
            data_folder=str(Path(folder, "data")),
            embedding=replace(EmbeddingSettings(), model="hashing"),
        )
        spent: dict[str, tuple[float, float]] = {}
        begun, cpu = time.perf_counter(), time.process_time()
        with timing_steps(spent):
            result = pipeline.run_pipeline([str(file)], settings)
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
        with Catalog.open(settings.data_folder) as catalog:
            counts = {
                name: int(open_tables(catalog).fetch_value(f"SELECT count(*) FROM {name}"))
                for name in (
                    "store.passage_verdicts",
                    "store.passage_places",
                    "store.passages",
                    "store.links",
                    "store.story_clusters",
                )
            }
            largest = open_tables(catalog).fetch_value(
                "SELECT coalesce(max(n_articles), 0) FROM store.story_clusters"
            )
        return {
            "n": request["size"],
            "kind": request["kind"],
            "total_seconds": seconds,
            "total_cpu_seconds": cpu_seconds,
            "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "cpu_seconds": {name: one[1] for name, one in spent.items()},
            "rows": {**counts, "largest story": int(largest)},
            "counts": {one.step: dict(one.counts) for one in result.steps},
        }


if __name__ == "__main__":
    run_job(run_widths)
