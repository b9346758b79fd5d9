"""Readers in loops beside everything that writes: each answer must be one whole publication.

    python -m tests.flows.readers_soak --readers 8 --minutes 30

A writer takes in articles, forgets an outlet, says a correction, repairs, merges, backs up and
restores in turn. Each reader opens the snapshot again and again and asks in SQL what holds in every
publication; it also looks for a passage by words. Prints loops, errors, wrong answers, and waits of
over a second that the processor does not explain (wall time less the time that the process was
ready but not run, from /proc).
"""

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.flows.driving import FIRST_DAY, SECOND_DAY, run_plainly, sample_rows, write_lines
from tests.flows.killable import keep_house, small_batches
from wirethread.articles.errors import NotFoundError
from wirethread.passage_search import PassageSearch, SearchBy
from wirethread.storage.catalog import Catalog

INVARIANTS = {
    "every paragraph has its article": "SELECT count(*) FROM paragraphs ANTI JOIN articles"
    " USING (article_id)",
    "every member of a story is an article": "SELECT count(*) FROM story_cluster_articles ANTI JOIN"
    " articles USING (article_id)",
    "a story has as many members as it says": "SELECT count(*) FROM story_clusters c WHERE"
    " n_articles <> (SELECT count(*) FROM story_cluster_articles m WHERE m.cluster_id ="
    " c.cluster_id)",
    "every paragraph stands in its article": "SELECT count(*) FROM paragraphs p JOIN articles a"
    ' USING (article_id) WHERE substr(a.text, p."begin" + 1, p."end" - p."begin") <> p.text',
    "both ends of a link are articles": "SELECT count(*) FROM links WHERE left_id NOT IN"
    " (SELECT article_id FROM articles) OR right_id NOT IN (SELECT article_id FROM articles)",
    "every article is in one story": "SELECT count(*) FROM articles a WHERE (SELECT count(*) FROM"
    " story_cluster_articles m WHERE m.article_id = a.article_id) > 1",
    "no run is shown as running": "SELECT count(*) FROM runs WHERE state = 'running'",
}


def wait_for_processor() -> float:
    """Return the seconds for which this process was ready and did not run."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def read_in_loops(folder: Path, until: float, answer: Any) -> None:
    """Ask until the time is over, and send what was found."""
    n_loops, wrong, errors, slow = 0, [], [], []
    while time.time() < until:
        begun, waited = time.monotonic(), wait_for_processor()
        busy = time.process_time()
        try:
            with Catalog.open_published(folder) as snapshot:
                version = snapshot.change_number
                for words, sql in INVARIANTS.items():
                    n_wrong = snapshot._database.fetch_value(sql)
                    if n_wrong:
                        wrong.append(f"{words}: {n_wrong} do not, in version {version}")
                if snapshot.change_number != version:
                    wrong.append("the snapshot changed while it was open")
            with PassageSearch(folder, None) as search:
                search.find_similar("an earthquake in the harbour", by=SearchBy.WORDS)
        except NotFoundError as error:
            errors.append(repr(error))
        except Exception as error:  # whatever it is, it is an error of a reader
            errors.append(repr(error))
        spent = time.monotonic() - begun
        explained = wait_for_processor() - waited + time.process_time() - busy
        if spent - explained > 1:
            slow.append(round(spent - explained, 1))
        n_loops += 1
    answer.send((n_loops, wrong, errors, slow))


def write_in_turns(folder: Path, sources: list[Path], until: float) -> int:
    """Do everything that writes, again and again; return how many rounds there were."""
    n_rounds = 0
    settings = small_batches(folder)
    while time.time() < until:
        for source in sources:
            run_plainly([source], settings)
        keep_house(folder)
        for kept in folder.parent.glob(f"{folder.name}.before-restore-*"):
            shutil.rmtree(kept)
        n_rounds += 1
    return n_rounds


def soak(n_readers: int, minutes: float) -> int:
    """Let readers and the writer work side by side; return how much was wrong."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        folder = place / "data"
        sources = [
            write_lines(place / "first.jsonl", sample_rows(FIRST_DAY)),
            write_lines(place / "second.jsonl", sample_rows(SECOND_DAY)),
        ]
        run_plainly([sources[0]], small_batches(folder))
        until = time.time() + minutes * 60
        context = multiprocessing.get_context("spawn")
        readers = []
        for _ in range(n_readers):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=read_in_loops, args=(folder, until, sender))
            process.start()
            readers.append((process, receiver))
        n_rounds = write_in_turns(folder, sources, until)
        answers = [receiver.recv() for _, receiver in readers]
        for process, _ in readers:
            process.join()
    n_loops = sum(one[0] for one in answers)
    found = {
        name: [words for one in answers for words in one[place]]
        for place, name in ((1, "wrong"), (2, "errors"), (3, "waits over a second"))
    }
    for name, words in found.items():
        print(f"{name}: {len(words)} {words[:5]}")
    print(f"{n_readers} readers, {n_loops} loops, {n_rounds} rounds of everything that writes")
    return sum(map(len, found.values()))


def main() -> None:
    """Read the command line and let them work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=30.0)
    chosen = parser.parse_args()
    sys.exit(1 if soak(chosen.readers, chosen.minutes) else 0)


if __name__ == "__main__":
    main()
