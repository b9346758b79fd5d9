"""A back-fill from a made web archive: pages a second, and memory while it grows.

    python -m benchmarks.flows.intake.back_fill --pages 4000

A page is a made article of ten paragraphs among so much markup that it has the size of pages of
CC-NEWS. What is timed is reading the archive, extracting, parsing and storing, not the rest.
"""

import argparse
import gzip
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wirethread.flows.intake.inbox import read_watched
from wirethread.flows.runners.choose import open_runner
from wirethread.flows.runs.progress import listen_to_progress
from wirethread.flows.settings.sections import IngestSettings, RunnerSettings
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog

KILOBYTES_A_PAGE = 90
"""Of a page of CC-NEWS, before it is packed, about."""


def main() -> None:
    """Make the archive, read it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--kind", default="here")
    parser.add_argument("--workers", type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n_bytes = make_archive(folder / "news.warc.gz", asked.pages)
        print(json.dumps(measure(folder, n_bytes, asked.kind, asked.workers), indent=2))


def make_archive(path: Path, n_pages: int) -> int:
    """Write so many pages to a web archive; return its bytes before packing."""
    chance = np.random.default_rng(7)
    words = ["".join(chance.choice(list("aeioulnrst"), 6)) for _ in range(5_000)]
    n_bytes = 0
    with path.open("wb") as stream:
        for number in range(n_pages):
            record = write_record(number, write_page(number, chance, words))
            n_bytes += len(record)
            stream.write(gzip.compress(record, 1))
    return n_bytes


def write_page(number: int, chance: np.random.Generator, words: list[str]) -> bytes:
    """Return a page with an article and a great deal beside it."""

    def say(n_words: int) -> str:
        return " ".join(words[i] for i in chance.integers(0, len(words), n_words)).capitalize()

    menu = "".join(
        f'<li class="menu"><a href="/{i}/{say(1)}">{say(2)}</a></li>' for i in range(150)
    )
    script = f"<script>var state = {json.dumps([say(8) for _ in range(900)])};</script>"
    body = "".join(f"<p>{say(45)}.</p>" for _ in range(10))
    page = (
        f"<html><head><title>{say(8)}</title>"
        f'<meta property="article:published_time" content="2031-01-{1 + number % 28:02}T08:00:00Z">'
        f"</head><body><nav><ul>{menu}</ul></nav><article><h1>{say(8)}</h1>{body}</article>"
        f"{script}</body></html>"
    )
    return page.encode()


def write_record(number: int, page: bytes) -> bytes:
    """Return a page as an archive keeps it."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: https://paper{number % 50}.example/news/{number}\r\n"
        f"WARC-Date: 2031-02-01T00:00:00Z\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def measure(
    folder: Path, n_bytes: int, kind: str, workers: int | None
) -> dict[str, float | int | list[int] | str]:
    """Read the archive twice; return pages, seconds of processor, and memory on the way."""
    memory: list[int] = []

    def listen(step: str, n_done: int, n_total: int | None) -> None:
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

    source = SourceSettings(name="archive", folder=str(folder))
    settings = RunnerSettings(kind=kind, workers=workers)  # type: ignore[arg-type]
    with (
        open_runner(settings) as runner,
        Catalog.open(folder / ".data") as catalog,
        listen_to_progress(listen),
    ):
        catalog.runs.begin_run("r1", [], "{}")
        begun, clock = spend(), time.monotonic()
        counts = read_watched(
            catalog, source, "r1", IngestSettings(), settle_seconds=0, runner=runner
        )
        clock = time.monotonic() - clock
    spent = spend() - begun
    with open_runner(settings) as runner, Catalog.open(folder / ".data") as catalog:
        begun = spend()
        again = read_watched(
            catalog, source, "r1", IngestSettings(), settle_seconds=0, runner=runner
        )
        spent_again = spend() - begun
    return {
        "runner": kind,
        "pages": counts.n_read,
        "articles": counts.n_new,
        "mib_before_packing": n_bytes // 2**20,
        "processor_seconds": round(spent, 1),
        "clock_seconds": round(clock, 1),
        "milliseconds_a_page": round(1000 * spent / counts.n_read, 2),
        "peak_mib_by_quarter": list(quarter(memory)),
        "pages_read_again": again.n_read,
        "processor_seconds_again": round(spent_again, 2),
    }


def quarter(memory: list[int]) -> Iterator[int]:
    """Yield the peak at the end of each quarter of the work."""
    yield from (memory[(len(memory) * part) // 4 - 1] for part in (1, 2, 3, 4))


def spend() -> float:
    """Return the seconds of processor that this process and its children took."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
