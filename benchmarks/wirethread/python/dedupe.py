"""Texts that are copies of earlier ones: ours beside datasketch, rensa, semhash and text-dedup.

`python -m benchmarks.wirethread.python.dedupe --peers-python PATH` makes 20,000 texts and gives
them to each in a process of its own; under a Python that has the peers `... job METHOD TEXTS
RESULT` is one. All are asked to leave out texts of which .7 of the runs of five words stand in an
earlier one.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

THRESHOLD = 0.7
N_TEXTS = 20_000
N_COPIES, N_OF_ONE = 5_000, 1_000
"""Texts that are copies of another, and copies of one single text."""
N_PERMUTATIONS = 128
WORD = re.compile(r"\w+")


def make_texts(seed: int = 11) -> tuple[list[str], list[int]]:
    """Return texts in any order and for each the number of its family; one is no family's copy.

    A copy has up to 6 of 100 words changed, at any place. Words and their frequencies are English.
    """
    from wordfreq import get_frequency_dict  # noqa: PLC0415

    words, weights = zip(*sorted(get_frequency_dict("en").items())[:60_000], strict=True)
    rng = Random(seed)
    n_families = N_TEXTS - N_COPIES - N_OF_ONE
    bases = [rng.choices(words, weights, k=rng.randint(60, 400)) for _ in range(n_families)]
    made = [(base, family) for family, base in enumerate(bases)]
    for number in range(N_COPIES + N_OF_ONE):
        family = rng.randrange(1, n_families) if number < N_COPIES else 0
        copy = list(bases[family])
        for place in rng.sample(range(len(copy)), round(len(copy) * rng.uniform(0, 0.06))):
            copy[place] = rng.choices(words, weights)[0]
        made.append((copy, family))
    rng.shuffle(made)
    return [" ".join(text) for text, _ in made], [family for _, family in made]


def cut_runs(text: str) -> list[str]:
    """Return the runs of five words."""
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))]


def ours(texts: list[str]) -> Sequence[int]:
    """Three lines of the user's code."""
    import wirethread as wt  # noqa: PLC0415

    return [one.position for one in wt.dedupe(texts, threshold=THRESHOLD).dropped]


def datasketch(texts: list[str]) -> Sequence[int]:
    """Index every text; leave out those with an estimate of .7 or more."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    index, kept, dropped = MinHashLSH(threshold=THRESHOLD, num_perm=N_PERMUTATIONS), {}, []
    runs = ([one.encode() for one in cut_runs(text)] for text in texts)
    for place, signature in enumerate(MinHash.generator(runs, num_perm=N_PERMUTATIONS)):
        near = index.query(signature)
        if any(kept[other].jaccard(signature) >= THRESHOLD for other in near):
            dropped.append(place)
        else:
            kept[place] = signature
            index.insert(place, signature, check_duplication=False)
    return dropped


def rensa(texts: list[str]) -> Sequence[int]:
    """The same with the signatures and index of rensa."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=N_PERMUTATIONS, num_bands=16)
    kept: dict[int, Any] = {}
    dropped = []
    for place, text in enumerate(texts):
        signature = RMinHash(num_perm=N_PERMUTATIONS, seed=1)
        signature.update(cut_runs(text))
        near = index.query(signature)
        if any(kept[other].jaccard(signature) >= THRESHOLD for other in near):
            dropped.append(place)
        else:
            kept[place] = signature
            index.insert(place, signature)
    return dropped


def semhash(texts: list[str]) -> Sequence[int]:
    """Vectors of a static model: the word vectors of all-MiniLM-L6-v2, since no other is here."""
    from model2vec import StaticModel  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415
    from semhash import SemHash  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    folder = Path(MODEL_FOLDER[0])
    (weights,) = folder.rglob("model.safetensors")
    tensors = load_file(str(weights))
    name = next(one for one in tensors if one.endswith("word_embeddings.weight"))
    tokenizer = Tokenizer.from_file(str(weights.parent / "tokenizer.json"))
    tokenizer.no_truncation()
    model = StaticModel(vectors=tensors[name], tokenizer=tokenizer)
    records = [{"text": text, "place": str(place)} for place, text in enumerate(texts)]
    found = SemHash.from_records(records=records, columns=["text"], model=model).self_deduplicate()
    return [int(one.record["place"]) for one in found.filtered]


def text_dedup(texts: list[str]) -> Sequence[int]:
    """Its command for MinHash, on files."""
    from datasets import Dataset, load_from_disk  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        rows = {"text": texts, "place": list(range(len(texts)))}
        Dataset.from_dict(rows).save_to_disk(f"{folder}/in")
        command = [sys.executable, "-m", "text_dedup.minhash", "--path", f"{folder}/in", "--local",
                   "--output", f"{folder}/out", "--column", "text", "--threshold", str(THRESHOLD),
                   "--ngram", "5", "--num_perm", str(N_PERMUTATIONS), "--num_proc", "1",
                   "--cache_dir", f"{folder}/cache"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        kept = set(load_from_disk(f"{folder}/out")["place"])
    return [place for place in range(len(texts)) if place not in kept]


METHODS: dict[str, Callable[[list[str]], Sequence[int]]] = {
    "wirethread": ours,
    "datasketch": datasketch,
    "rensa": rensa,
    "semhash": semhash,
    "text-dedup": text_dedup,
}
MODEL_FOLDER: list[str] = []


def work(method: str, texts_file: str, result_file: str, *model: str) -> None:
    """Leave copies out by one method and write which, the processor seconds and the memory."""
    MODEL_FOLDER.extend(model)
    texts = json.loads(Path(texts_file).read_text(encoding="utf-8"))
    begun, cpu = time.perf_counter(), time.process_time()
    dropped = [int(place) for place in METHODS[method](texts)]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "dropped": dropped,
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - cpu + children.ru_utime + children.ru_stime,
        "peak_mib": read_peak_mib(),
    }
    Path(result_file).write_text(json.dumps(told), encoding="utf-8")


def read_peak_mib() -> float:
    """Return the most memory that this process held; Linux. Not that of one it has started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def find_expected(texts: Sequence[str], families: Sequence[int]) -> set[int]:
    """Return the texts that an earlier one which stays is like, by the exact share of runs."""
    runs = [frozenset(cut_runs(text)) for text in texts]
    kept: dict[int, list[int]] = {}
    expected = set()
    for place, family in enumerate(families):
        near = kept.setdefault(family, [])
        if any(
            len(runs[place] & runs[one]) >= THRESHOLD * len(runs[place] | runs[one]) for one in near
        ):
            expected.add(place)
        else:
            near.append(place)
    return expected


def compare(peers_python: str, model_folder: str, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row a method: copies found, texts wrongly left out, seconds and memory."""
    texts, families = make_texts()
    expected = find_expected(texts, families)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts), encoding="utf-8")
        for method in methods:
            python = sys.executable if method == "wirethread" else peers_python
            result = Path(folder) / f"{method}.json"
            command = [python, "-m", "benchmarks.wirethread.python.dedupe", "job", method,
                       str(path), str(result), model_folder]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                rows.append({"method": method, "failed": done.stderr.strip().splitlines()[-1]})
                continue
            told = json.loads(result.read_text(encoding="utf-8"))
            dropped = set(told.pop("dropped"))
            rows.append(
                {
                    "method": method,
                    "n_expected": len(expected),
                    "n_found": len(dropped & expected),
                    "n_wrong": len(dropped - expected),
                    **told,
                }
            )
    return rows


def main() -> None:
    """Compare, or work as one of the compared."""
    if sys.argv[1:2] == ["job"]:
        work(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", required=True)
    parser.add_argument("--model-folder", default="")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    given = parser.parse_args()
    for row in compare(given.peers_python, given.model_folder, given.methods):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
