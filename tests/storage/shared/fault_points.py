"""Break a cluster at many random moments, and see that it always ends in the same state.

    python -m tests.storage.shared.fault_points --points 20 --seed 1

A machine with Postgres and one with Dask's scheduler and two workers stand at the end of cables
(network namespaces; needs root). Two more machines handed in parcels. A coordinator takes them up,
reads a file of its own, and publishes, while a reader asks in a loop. At a random moment of that one
thing breaks: the cable to Postgres is cut, a worker, the scheduler, the coordinator or Postgres is
killed. Then all is mended, the coordinator runs again, and everything must be as if nothing had
happened: the folder, the shared archive, the parcels. What a reader saw must be the publication
before or the one after. Prints a line for each kind of fault.
"""

import argparse
import asyncio
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    hashing_settings,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.flows.killable import open_processes
from tests.storage.digesting import SHARED_CONTENT, digest_content
from tests.storage.shared.cables import Machine, can_cut, open_machine
from tests.storage.shared.servers import PASSWORD, Postgres, find_binaries, open_postgres, wait_for
from wirethread.articles.errors import WirethreadError
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import work
from wirethread.flows.ingesting import ingest
from wirethread.flows.intake.parcels import survey_parcels
from wirethread.flows.settings.config import Settings
from wirethread.flows.settings.sections import IngestSettings, RunnerSettings
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.shared.folder_store import FolderStore
from wirethread.storage.upkeep.verification import CheckState, verify_folder

KINDS = ("cut cable", "killed worker", "killed scheduler", "killed coordinator", "killed Postgres")
_ON_DASK = ("killed worker", "killed scheduler")
_MOST_SECONDS = 240
_SECONDS_BETWEEN_READS = 1.5
_TOLD = 3
"""Exit status of a coordinator that ended with a line of its own."""
_PORT = 8786
_SUMMARY = (
    "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages),"
    " (SELECT count(*) FROM links), (SELECT count(*) FROM story_clusters),"
    " (SELECT count(*) FROM story_threads)"
)


class Dask:
    """A scheduler and two workers on a machine, each of which can be killed and started again."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.address = f"tcp://{machine.address}:{_PORT}"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start what is not there."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            for worker in self.workers:
                kill(worker)  # they end by themselves, later
            self.scheduler = self._run(
                "scheduler", "--host", self._machine.address, "--port", str(_PORT), "--no-dashboard"
            )
            wait_for(
                lambda: (
                    subprocess.run(
                        self._machine.within(
                            sys.executable,
                            "-c",
                            f"import socket; socket.create_connection(('{self._machine.address}', {_PORT}), 2)",
                        ),
                        check=False,
                        stderr=subprocess.DEVNULL,
                    ).returncode
                    == 0
                )
            )
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
            self.workers.append(self._run("worker", self.address, *options))

    def _run(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._machine.within(sys.executable, "-m", "distributed.cli.dask_" + kind, *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """End all."""
        for process in (*self.workers, self.scheduler):
            if process is not None:
                kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process, without a word to anybody."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(slots=True, kw_only=True)
class Scene:
    """Everything before the fault, to be put up again for each point."""

    folder: Path
    postgres: Postgres
    dask: Dask | None
    digest: str = ""
    """Of the state in which everything ends."""
    before: Any = None
    after: Any = None
    """What a reader may see."""
    seconds: dict[bool, float] = field(default_factory=dict)
    """Of an undisturbed run, by whether it is on Dask."""

    @property
    def place(self) -> str:
        """Address of the archive of a point."""
        return self._name("news_now")

    def _name(self, database: str) -> str:
        return self.postgres.words.replace("dbname=postgres", f"dbname={database}")

    @property
    def files(self) -> Path:
        """Its files."""
        return self.folder / "files"

    @property
    def own(self) -> Path:
        """The file that the coordinator reads itself."""
        return self.folder / "own.jsonl"

    def set_up(self, database: str, folder: str, *, on_dask: bool = False) -> Settings:
        """Return the settings of the coordinator."""
        runner = RunnerSettings(kind="here")
        if on_dask and self.dask is not None:
            runner = RunnerSettings(kind="dask", address=self.dask.address)
        return hashing_settings(
            self.folder / folder,
            embedding=EmbeddingSettings(model="hashing", texts_per_batch=24, rows_per_segment=200),
            ingest=IngestSettings(articles_per_batch=3),
            storage=StorageSettings(catalog=self._name(database), files=str(self.files)),
            runner=runner,
        )

    def prepare(self) -> None:
        """Publish a first day, let two machines hand in the second, and run undisturbed."""
        self.files.mkdir()
        first, *others = FIRST_DAY[:6], SECOND_DAY[:3], SECOND_DAY[3:]
        ask_server(self.postgres, "CREATE DATABASE news_base")
        run_plainly(
            [write_lines(self.folder / "first.jsonl", sample_rows(first))],
            self.set_up("news_base", "base"),
        )
        for name, ids in zip("ab", others, strict=True):
            source = write_lines(self.folder / f"{name}.jsonl", sample_rows(ids))
            settings = self.set_up("news_base", name)
            ingest([str(source)], settings)
        write_lines(self.own, sample_rows(FIRST_DAY[6:]))
        self.files.rename(self.folder / "files-base")
        for on_dask in (False, True) if self.dask is not None else (False,):
            self.put_up()
            self.before = summarise(self.place)
            begun = time.monotonic()
            process = self.start_coordinator(on_dask=on_dask)
            process.join(_MOST_SECONDS)
            if process.exitcode != 0:
                raise RuntimeError(f"an undisturbed run ended with {process.exitcode}")
            self.seconds[on_dask] = time.monotonic() - begun
            found = read_digest(self.folder / "now")
            if self.digest not in {"", found}:
                raise RuntimeError("on Dask the state is another one")
            if digest_archive(self.place) != found:
                raise RuntimeError("the archive has not what the folder has")
            self.digest, self.after = found, summarise(self.place)

    def put_up(self) -> None:
        """Put everything in the state before the fault."""
        for name in ("now", "files"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "base", self.folder / "now")
        shutil.copytree(self.folder / "files-base", self.files)
        ask_server(
            self.postgres,
            "DROP DATABASE IF EXISTS news_now WITH (FORCE)",
            "CREATE DATABASE news_now TEMPLATE news_base",
        )

    def start_coordinator(self, *, on_dask: bool) -> Any:
        """Let a coordinator run in a process of its own."""
        settings = self.set_up("news_now", "now", on_dask=on_dask)
        process = open_processes().Process(target=coordinate, args=(settings, str(self.own)))
        process.start()
        return process


def coordinate(settings: Settings, source: str) -> None:
    """Run; what ends it is told in a line, or is no error of ours."""
    work.ARTICLES_PER_BATCH = 3
    try:
        run_plainly([source], settings)
    except WirethreadError as error:
        line = str(error)
        print(f"      told: {line[:200]}", flush=True)
        os._exit(_TOLD if "\n" not in line and PASSWORD not in line else 1)


def ask_server(server: Postgres, *statements: str) -> None:
    """Ask the server itself."""

    async def ask() -> None:
        import asyncpg

        connection = await asyncpg.connect(
            host=server.machine.address, user="wire", database="postgres", password=PASSWORD
        )
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(ask())


def digest_archive(place: str) -> str:
    """Return the digest of all content of an archive."""
    with Catalog.open_published(place) as catalog:
        return digest_content(catalog, SHARED_CONTENT)


def summarise(place: str) -> Any:
    """Return what a reader sees of a publication."""
    with Catalog.open_published(place) as catalog:
        return catalog.execute_read_only(_SUMMARY).to_pylist()[0]


@contextmanager
def reading(scene: Scene) -> Iterator["collections.Counter[str]"]:
    """Read in a loop while the block runs; yields what was seen, by how often."""
    seen: collections.Counter[str] = collections.Counter()
    ended = threading.Event()

    def read_on() -> None:
        while not ended.is_set():
            try:
                found = summarise(scene.place)
            except WirethreadError as error:
                seen["told" if "\n" not in str(error) else f"no line: {error}"] += 1
            else:
                known = {repr(scene.before): "before", repr(scene.after): "after"}
                seen[known.get(repr(found), f"half: {found}")] += 1
            ended.wait(_SECONDS_BETWEEN_READS)

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join()


@dataclass
class Outcome:
    """What came out of the points of one kind."""

    ends: collections.Counter[str] = field(default_factory=collections.Counter)
    seen: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    n_points: int = 0
    longest: float = 0.0


def try_point(scene: Scene, kind: str, moment: float, outcome: Outcome) -> None:
    """Break one thing at a moment, mend it, run again, and look at everything."""
    on_dask = kind in _ON_DASK
    scene.put_up()
    with reading(scene) as seen:
        process = scene.start_coordinator(on_dask=on_dask)
        process.join(moment)
        begun = time.monotonic()
        if kind == "cut cable":
            scene.postgres.machine.cut()
        elif kind == "killed coordinator":
            process.kill()
        elif kind == "killed Postgres":
            scene.postgres.kill()
            time.sleep(1)
            scene.postgres.start()
        elif scene.dask is not None:
            broken = scene.dask.workers[0] if kind == "killed worker" else scene.dask.scheduler
            assert broken is not None
            kill(broken)
            scene.dask.start()
        process.join(_MOST_SECONDS)
        outcome.longest = max(outcome.longest, time.monotonic() - begun)
        if kind == "cut cable":
            scene.postgres.machine.mend()
        if process.exitcode is None:
            outcome.wrong.append(f"{kind} at {moment:.2f} s: it hangs")
            process.kill()
            process.join()
        ends = {0: "finished", _TOLD: "told", -signal.SIGKILL: "killed"}
        end = ends.get(process.exitcode, f"ended with {process.exitcode}")
        outcome.ends[end] += 1
        if end not in ends.values():
            outcome.wrong.append(f"{kind} at {moment:.2f} s: {end}")
        recover(scene, f"{kind} at {moment:.2f} s", outcome)
    outcome.seen.update(seen)
    outcome.n_points += 1
    strange = [words for words in seen if words not in {"before", "after", "told"}]
    outcome.wrong += [f"{kind} at {moment:.2f} s: a reader saw {words}" for words in strange]


def recover(scene: Scene, which: str, outcome: Outcome) -> None:
    """Run again, and look at everything."""
    deadline = time.monotonic() + 90
    while True:  # the server lets go of who was cut off after half a minute
        process = scene.start_coordinator(on_dask=False)
        process.join(_MOST_SECONDS)
        if process.exitcode == 0 or time.monotonic() > deadline:
            break
    if process.exitcode != 0:
        outcome.wrong.append(f"{which}: the next run ended with {process.exitcode}")
        return
    now = scene.folder / "now"
    digests = {
        "folder": read_digest(now),
        "snapshot": read_published_digest(now),
        "archive": digest_archive(scene.place),
    }
    for name, digest in digests.items():
        if digest != scene.digest:
            outcome.wrong.append(f"{which}: another state of the {name}")
    left = survey_parcels(FolderStore(scene.files))
    told = len(list(scene.files.glob("parcels/*/*.taken")))
    if left or told != len(list((scene.folder / "files-base").glob("parcels/*/*.parquet"))):
        outcome.wrong.append(f"{which}: parcels are left: {left}, {told} acknowledged")
    problems = [one for one in verify_folder(now).checks if one.state is CheckState.PROBLEM]
    if problems:
        outcome.wrong.append(f"{which}: the folder is not whole: {problems}")


@contextmanager
def open_scene(*, with_dask: bool) -> Iterator[Scene]:
    """Start the machines, and prepare everything."""
    os.environ["PGPASSWORD"] = PASSWORD
    memory = Path("/dev/shm")
    with ExitStack() as stack:
        name = stack.enter_context(
            tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        )
        postgres = stack.enter_context(open_postgres(stack.enter_context(open_machine())))
        dask = None
        if with_dask:
            dask = Dask(stack.enter_context(open_machine()))
            stack.callback(dask.close)
            dask.start()
        scene = Scene(folder=Path(name), postgres=postgres, dask=dask)
        scene.prepare()
        yield scene


def try_points(n_points: int, seed: int, kinds: Sequence[str]) -> dict[str, Outcome]:
    """Try so many points of each kind, and print what came out."""
    chosen = random.Random(seed)
    outcomes = {kind: Outcome() for kind in kinds}
    with open_scene(with_dask=any(kind in _ON_DASK for kind in kinds)) as scene:
        told = ", ".join(f"{seconds:.1f} s" for seconds in scene.seconds.values())
        print(f"an undisturbed run takes {told} (here, on Dask)", flush=True)
        for number in range(n_points):
            for kind, outcome in outcomes.items():
                longest = scene.seconds[kind in _ON_DASK]
                n_before = len(outcome.wrong)
                try_point(scene, kind, chosen.uniform(0.05, longest), outcome)
                for words in outcome.wrong[n_before:]:
                    print(words, flush=True)
            print(f"{number + 1} of {n_points} points of each kind", flush=True)
            print_table(outcomes)
    return outcomes


def print_table(outcomes: dict[str, Outcome]) -> None:
    """Print a line for each kind."""
    for kind, one in outcomes.items():
        ends = ", ".join(f"{number} {end}" for end, number in sorted(one.ends.items()))
        seen = ", ".join(f"{number} {what}" for what, number in sorted(one.seen.items()))
        print(
            f"{kind}: {one.n_points} points ({ends}), {len(one.wrong)} wrong; readers: {seen};"
            f" longest wait {one.longest:.0f} s",
            flush=True,
        )


def main() -> None:
    """Read the command line and try the points."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument(
        "--if-possible", action="store_true", help="do nothing where machines cannot be made"
    )
    asked = parser.parse_args()
    if not can_cut() or find_binaries() is None:
        words = "network namespaces (run it as root) and Postgres are needed"
        if asked.if_possible:
            print(f"not tried: {words}")
            return
        sys.exit(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended first
    outcomes = try_points(asked.points, asked.seed, asked.kind or KINDS)
    sys.exit(1 if any(one.wrong for one in outcomes.values()) else 0)


if __name__ == "__main__":
    main()
