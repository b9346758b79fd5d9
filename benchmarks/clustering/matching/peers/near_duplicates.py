"""Peers that find near-duplicate texts: MinHash LSH (datasketch, rensa) and semhash.

Runs under a Python that has them. Each is given all texts and gives pairs, or for semhash every
duplicate, at the threshold asked for.
"""

import re
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.job import Stopwatch, read_lines, run_job

Row = dict[str, Any]

WORD = re.compile(r"\w+")
N_WORDS = 3
N_PERMUTATIONS = 128


def cut_shingles(text: str) -> list[str]:
    """Return the runs of three words; a shorter text is one."""
    words = WORD.findall(text.casefold())
    return [" ".join(words[at : at + N_WORDS]) for at in range(max(len(words) - N_WORDS + 1, 1))]


def find_with_datasketch(texts: list[str], rows: Any, threshold: float) -> int:
    """Index and query every text; return the number of pairs."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    index = MinHashLSH(threshold=threshold, num_perm=N_PERMUTATIONS)
    n_pairs = 0
    shingles = ([one.encode() for one in cut_shingles(text)] for text in texts)
    for number, signature in enumerate(MinHash.generator(shingles, num_perm=N_PERMUTATIONS)):
        n_pairs += len(index.query(signature))
        index.insert(number, signature, check_duplication=False)
    return n_pairs


def find_with_rensa(texts: list[str], rows: Any, threshold: float) -> int:
    """The same with the signatures and index of rensa."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    index = RMinHashLSH(threshold=threshold, num_perm=N_PERMUTATIONS, num_bands=16)
    n_pairs = 0
    for number, text in enumerate(texts):
        signature = RMinHash(num_perm=N_PERMUTATIONS, seed=1)
        signature.update(cut_shingles(text))
        n_pairs += len(index.query(signature))
        index.insert(number, signature)
    return n_pairs


def find_with_semhash(texts: list[str], rows: Any, threshold: float) -> int:
    """Deduplicate by the vectors that ours is given; return the number of duplicates."""
    from semhash import SemHash  # noqa: PLC0415

    row_of = dict(zip(texts, rows, strict=True))

    class Known:
        def encode(self, inputs: Any, **_: Any) -> Any:
            return np.stack([row_of[one] for one in inputs])

    found = SemHash.from_records(records=texts, model=Known()).self_deduplicate(threshold)
    return len(found.filtered)


METHODS = {
    "datasketch": find_with_datasketch,
    "rensa": find_with_rensa,
    "semhash": find_with_semhash,
}


def work(request: Row) -> Row:
    """Find near duplicates as the request says."""
    watch = Stopwatch()
    texts = [one["text"] for one in read_lines(request["articles"])]
    rows = np.load(request["rows"])
    with watch.measure("find"):
        n_found = METHODS[request["method"]](texts, rows, request["threshold"])
    return {
        "n": len(texts),
        "n_found": n_found,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "version": f"{request['method']} {version(request['method'])}",
    }


if __name__ == "__main__":
    run_job(work)
