"""Time every address of the page on a large archive, and fifty readers at once beside a run.

    python -m benchmarks.wirethread.web.page_scale ARCHIVE [--each 40] [--only article story ...]
        [--config FILE] [--beside ARTICLES.jsonl] [--readers 50] [--seconds 60]
        [--out benchmarks/results/page_scale.json]

ARCHIVE is a data folder, as `benchmarks.wirethread.web.page_archive` fills one. `wirethread serve`
is started on it in a process of its own, and every kind of address is asked with many different ids
and filters, none of them twice, so that nothing comes from what was made before. `ms` is the clock
as the reader sees it, `cpu_ms` the processor time of the server, which other work on the machine
hardly changes. With `--beside` a copy of the archive takes in those articles while the readers ask.
Linux.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import ROOT, round_all
from benchmarks.wirethread.web.page_addresses import choose_addresses
from wirethread.questions import query_sql

__all__ = ["measure", "measure_readers", "serve_archive"]

Row = dict[str, Any]
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, what it cost the reader and the server, and what it weighed."""

    status: int
    ms: float
    cpu_ms: float
    n_bytes: int
    """On the wire, packed where the server packs it."""
    body: bytes
    tag: str


class Server:
    """A running `wirethread serve`."""

    def __init__(self, process: subprocess.Popen[str], host: str) -> None:
        self.pid = process.pid
        self.host = host
        self._process = process

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask one address over a connection of its own."""
        cpu_begin, begin = self.read_cpu_ms(), time.perf_counter()
        answer = ask(self.host, path, headers)
        return Answer(
            answer.status,
            1000 * (time.perf_counter() - begin),
            self.read_cpu_ms() - cpu_begin,
            answer.n_bytes,
            answer.body,
            answer.tag,
        )

    def read_cpu_ms(self) -> float:
        """Return the processor time of all threads so far, in milliseconds."""
        total = 0
        for path in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((path / "schedstat").read_text().split()[0])
            except OSError:
                continue  # a thread that has ended
        return total / 1e6


def ask(host: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask one address; the processor time is not known here."""
    connection = HTTPConnection(host, timeout=PATIENCE_SECONDS)
    try:
        begin = time.perf_counter()
        connection.request("GET", path, headers={"accept-encoding": "gzip", **(headers or {})})
        response = connection.getresponse()
        packed = response.read()
        ms = 1000 * (time.perf_counter() - begin)
        is_packed = response.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(packed) if is_packed else packed
        n_head = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
        tag = response.headers.get("etag", "")
        return Answer(response.status, ms, 0.0, len(packed) + n_head, body, tag)
    finally:
        connection.close()


@contextmanager
def serve_archive(folder: Path, config: Path | None) -> Iterator[tuple[Server, float]]:
    """Yield a server and the seconds from its start to its first answer, the front page."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "wirethread", "serve", "--data", str(folder), "--port", "0"),
            *(() if config is None else ("--config", str(config))),
        ],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
        if "http://" not in told:
            raise RuntimeError(told + process.stderr.read())
        server = Server(process, told.partition("http://")[2].partition("/")[0])
        server.ask("/")
        yield server, time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait()


def summarise(name: str, answers: Sequence[Answer]) -> Row:
    """Return the numbers of one kind of address."""
    row: Row = {"name": name, "n": len(answers)}
    for unit in ("ms", "cpu_ms"):
        values = [getattr(answer, unit) for answer in answers]
        row[unit] = {
            "median": float(np.median(values)),
            "p95": float(np.percentile(values, 95)),
            "worst": max(values),
        }
    row["bytes"] = {
        "median": float(np.median([one.n_bytes for one in answers])),
        "worst": max(one.n_bytes for one in answers),
    }
    failed = [one.status for one in answers if one.status != 200]
    if failed:
        row["failed"] = failed
    return row


def weigh_style(server: Server) -> int:
    """Return what the files of the style weigh, which a first visit loads beside any page."""
    page = server.ask("/help").body.decode()
    names = {part.partition('"')[0] for part in page.split('="/static/')[1:]}
    return sum(server.ask(f"/static/{name}").n_bytes for name in names)


def measure(folder: Path, options: argparse.Namespace) -> Row:
    """Ask every kind of address, each with different ids, and again what was asked already."""
    addresses = choose_addresses(folder, options.each)
    if options.only:
        addresses = {k: v for k, v in addresses.items() if k in options.only}
    starts = []
    for _ in range(3):
        with serve_archive(folder, options.config) as (_, seconds):
            starts.append(seconds)
    rows = []
    with serve_archive(folder, options.config) as (server, _):
        style = weigh_style(server)
        server.ask("/search?text=warm")  # the model loads with the first question
        for name, paths in addresses.items():
            server.ask(paths[0])  # what is made once a publication
            answers = [server.ask(path) for path in paths[1:] or paths]
            rows.append(summarise(name, answers))
            print(json.dumps(round_all(rows[-1])), flush=True)
        asked = [paths[-1] for paths in addresses.values()]
        again = [server.ask(path) for path in asked]
        known = [
            server.ask(path, {"if-none-match": answer.tag})
            for path, answer in zip(asked, again, strict=True)
            if answer.tag
        ]
    return {
        "seconds_to_first_answer": starts,
        "style_bytes": style,
        "heaviest_first_visit_bytes": style
        + max((row["bytes"]["worst"] for row in rows if "page" in row["name"]), default=0),
        "addresses": rows,
        "asked_again": summarise("asked again", again),
        "not_modified": {**summarise("not modified", known), "failed": None},
    }


def measure_readers(folder: Path, options: argparse.Namespace) -> Row:
    """Let readers ask anything while a copy of the archive takes in articles."""
    copy = folder.with_name(folder.name + ".readers")
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-r", "--reflink=auto", str(folder), str(copy)], check=True)
    addresses = choose_addresses(folder, 4 * options.each)
    paths = [path for name, group in addresses.items() if "file" not in name for path in group]
    answers: list[Answer] = []
    problems: list[str] = []
    turn = threading.Lock()
    is_over = threading.Event()
    with serve_archive(copy, options.config) as (server, _):
        server.ask("/search?text=warm")

        def read(number: int) -> None:
            chance = random.Random(number)
            while not is_over.is_set():
                path = chance.choice(paths)
                try:
                    answer = ask(server.host, path)
                except OSError as error:
                    with turn:
                        problems.append(f"{path}: {error}")
                    continue
                with turn:
                    answers.append(answer)
                    if answer.status != 200:
                        problems.append(f"{path}: {answer.status}")

        readers = [threading.Thread(target=read, args=(k,)) for k in range(options.readers)]
        begin = time.perf_counter()
        for reader in readers:
            reader.start()
        run = subprocess.run(
            [
                *(sys.executable, "-m", "wirethread", "run", "--data", str(copy), "--quiet"),
                *(() if options.config is None else ("--config", str(options.config))),
                str(options.beside.resolve()),
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        run_seconds = time.perf_counter() - begin
        is_over.wait(max(0.0, options.seconds - run_seconds))
        is_over.set()
        for reader in readers:
            reader.join()
        seconds = time.perf_counter() - begin
    shutil.rmtree(copy, ignore_errors=True)
    return {
        **summarise("readers", answers),
        "cpu_ms": None,
        "failed": problems[:20],
        "n_failed": len(problems),
        "n_readers": options.readers,
        "seconds": seconds,
        "run_seconds": run_seconds,
        "run_code": run.returncode,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/page_scale.json"))
    options = parser.parse_args()
    folder = options.archive.resolve()
    counts = query_sql(
        folder,
        "SELECT (SELECT count(*) FROM articles) AS n_articles,"
        " (SELECT count(*) FROM paragraphs) AS n_paragraphs,"
        " (SELECT count(*) FROM passages) AS n_passages,"
        " (SELECT count(*) FROM story_threads) AS n_threads",
    )[0]
    load = os.getloadavg()[0]
    result: Row = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("duckdb", "fastapi", "jinja2", "tantivy", "uvicorn"),
        **counts,
        "load_before": load,
        **measure(folder, options),
        "load_after": os.getloadavg()[0],
    }
    if options.beside is not None:
        result["readers"] = measure_readers(folder, options)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
