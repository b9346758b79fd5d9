"""Peer: MinHash LSH over word shingles of paragraphs (datasketch)."""

import re
from importlib.metadata import version
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.clustering.matching.peers.nearest import make_prediction
from benchmarks.job import Stopwatch, is_candidate, read_lines, run_job

WORD = re.compile(r"\w+")


def cut_shingles(text: str, n_words: int) -> list[bytes]:
    """Return the runs of `n_words` words; a shorter text is one shingle."""
    words = WORD.findall(text.casefold())
    last = max(len(words) - n_words, 0)
    return [" ".join(words[i : i + n_words]).encode() for i in range(last + 1)]


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Return for each host paragraph the wire paragraph most alike by estimated Jaccard similarity.

    `n_words` is the length of a shingle, `n_permutations` the length of a signature, `threshold`
    what the index is made for: it gives most pairs above it and some below.
    """
    watch = Stopwatch()
    with watch.measure("read"):
        articles = read_lines(request["articles"])
        paragraphs = read_lines(request["paragraphs"])
    with watch.measure("find"):
        signatures = list(
            MinHash.generator(
                [cut_shingles(one["text"], request["n_words"]) for one in paragraphs],
                num_perm=request["n_permutations"],
            )
        )
        index = MinHashLSH(threshold=request["threshold"], num_perm=request["n_permutations"])
        for number, paragraph in enumerate(paragraphs):
            if articles[paragraph["article"]]["wire"]:
                index.insert(number, signatures[number], check_duplication=False)
        values = np.stack([one.hashvalues for one in signatures])
        found = []
        for number, paragraph in enumerate(paragraphs):
            host = articles[paragraph["article"]]
            if host["wire"]:
                continue
            near = [
                entry
                for entry in index.query(signatures[number])
                if is_candidate(
                    host, articles[paragraphs[entry]["article"]], request["window_days"]
                )
            ]
            if near:
                scores = (values[near] == values[number]).mean(axis=1)
                best = int(scores.argmax())
                if scores[best] >= request["floor"]:
                    found.append(
                        make_prediction(articles, paragraph, paragraphs[near[best]], scores[best])
                    )
    return {
        "predictions": found,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "version": version("datasketch"),
    }


if __name__ == "__main__":
    run_job(find_passages)
