"""Make `background_en.npz` of `clustering`: in how many news documents each word stands.

    python -m benchmarks.clustering.build_background NEWS.jsonl.gz ...
        [--leave-out STORIES.jsonl.gz ...]

Words are kept as 32-bit hashes and shares as one byte each, so no text can be read from the table.
Articles of the files under `--leave-out` (compared by address and by opening) are not counted, so
that measurements on them see a background that does not know them.
"""

import argparse
import collections
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wirethread.articles.normalize import tokenize_words
from wirethread.clustering.background import hash_words

MIN_DOCUMENTS = 3


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--leave-out", nargs="*", default=[], type=Path)
    parser.add_argument("--output", type=Path, default=Path("clustering/background_en.npz"))
    options = parser.parse_args()

    left_out: set[str] = set()
    for path in options.leave_out:
        for row in read_rows(path):
            left_out |= {row.get("url") or "", (row["text"] or "")[:300]}
    left_out.discard("")

    n_documents = 0
    counts: collections.Counter[str] = collections.Counter()
    for path in options.sources:
        for row in read_rows(path):
            if row.get("url") in left_out or (row["text"] or "")[:300] in left_out:
                continue
            n_documents += 1
            counts.update(set(tokenize_words(f"{row['title'] or ''}\n{row['text'] or ''}")))

    words = [word for word, count in counts.items() if count >= MIN_DOCUMENTS]
    hashes = hash_words(words)
    shares = np.array([counts[word] / n_documents for word in words])
    steps = np.clip(np.rint(-20 * np.log(shares)), 0, 255).astype(np.uint8)
    order = np.lexsort((steps, hashes))
    hashes, steps = hashes[order], steps[order]
    first = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    np.savez_compressed(options.output, hashes=hashes[first], steps=steps[first])
    print(f"{n_documents} documents, {first.sum()} words, {options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
