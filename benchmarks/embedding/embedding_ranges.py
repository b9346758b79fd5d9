"""Find the ranges of the int8 model.

    python -m benchmarks.embedding.embedding_ranges ARTICLES.jsonl

Runs the default model in float32 over the paragraphs, sentences and headlines of `ARTICLES` and
over its whole vocabulary, and writes the least and greatest value that each channel took before
each dense layer, widened a little, to `embedding/int8_ranges.safetensors`; and how many times each
channel between the two layers of a block is to stand. The shipped file was made from
`wirethread/sample/articles.jsonl`.
"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.job import read_lines
from wirethread.embedding.bert_graph import Layer, build_graph, multiply_plainly
from wirethread.embedding.graph_encoder import import_openvino, load_tokenizer
from wirethread.embedding.int8_layers import RANGES_FILE, count_copies, name_copies
from wirethread.embedding.model_files import locate_model

__all__ = ["find_ranges", "list_texts", "widen_range"]

MARGIN = 0.05
"""Each range is widened by this share of it."""
TEXTS_PER_BATCH = 16
WORDS_PER_TEXT = 40
N_EXTRA = 56
"""Copies of channels in a block. With 8 to 64 the vectors are as near to the plain ones, to .0002
of a cosine; with so many the similarities of `CHECK_SENTENCES` are among the nearest, to .003."""


def list_texts(articles: Path, vocabulary: Sequence[str]) -> list[str]:
    """Return paragraphs, sentences and headlines, and texts of all words, alone and together."""
    records = read_lines(articles)
    paragraphs = [part for one in records for part in one["text"].split("\n") if part.strip()]
    sentences = [one for part in paragraphs for one in part.split(". ") if one]
    words = sorted(one.removeprefix("##") for one in vocabulary if not one.startswith("["))
    random.Random(1).shuffle(words)
    jumbled = [
        " ".join(words[begin : begin + size])
        for size, end in ((1, 400), (4, 2000), (WORDS_PER_TEXT, len(words)))
        for begin in range(0, end, size)
    ]
    return [*paragraphs, *sentences, *(one["title"] for one in records), *jumbled]


def find_copies(
    ranges: Mapping[str, NDArray[np.float16]], folder: Path
) -> dict[str, NDArray[np.uint8]]:
    """Return, for each block, uint8[channels]: how many times each is to stand."""
    copies: dict[str, NDArray[np.uint8]] = {}

    def record(ops: Any, place: str, x: Any, layers: Sequence[Layer]) -> list[Any]:
        if place.endswith(".narrow"):
            ends = ranges[place].astype(np.float64)
            copies[name_copies(place)] = count_copies(ends, layers[0][0], N_EXTRA).astype(np.uint8)
        return multiply_plainly(ops, place, x, layers)

    build_graph(folder, record)
    return copies


def find_ranges(tokens: Sequence[list[int]], folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return, by place of a layer, float32[2, inputs]: least and greatest value, widened."""
    places: list[str] = []
    inputs: list[Any] = []

    def record(ops: Any, place: str, x: Any, layers: Sequence[Layer]) -> list[Any]:
        places.append(place)
        inputs.append(ops.add(x, np.float32(0)))
        return multiply_plainly(ops, place, x, layers)

    openvino = import_openvino()
    model = build_graph(folder, record)
    model.add_outputs([one.output(0) for one in inputs])
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(model, "CPU", options).create_infer_request()
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    for ids, mask in fill_batches(tokens):
        request.infer([ids, mask])
        for number, place in enumerate(places):
            seen = request.get_output_tensor(number + 1).data[mask.ravel() == 1]
            low, high = seen.min(0), seen.max(0)
            least[place] = np.minimum(least.get(place, low), low)
            greatest[place] = np.maximum(greatest.get(place, high), high)
    return {place: widen_range(place, least[place], greatest[place]) for place in places}


def fill_batches(
    tokens: Sequence[list[int]],
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    ordered = sorted(tokens, key=len)
    for begin in range(0, len(ordered), TEXTS_PER_BATCH):
        batch = ordered[begin : begin + TEXTS_PER_BATCH]
        lengths = np.array([len(one) for one in batch])
        mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int32)
        ids = np.zeros_like(mask)
        ids[mask == 1] = np.concatenate(batch)
        yield ids, mask


def widen_range(place: str, least: Any, greatest: Any) -> NDArray[np.float32]:
    """Leave room for texts that were not seen. What GELU gives has a floor and needs none below."""
    room = (greatest - least) * MARGIN / 2
    floor = np.full_like(least, -0.17)
    low = floor if place.endswith(".narrow") else least - room
    return np.stack([low, greatest + room]).astype(np.float32)


def main() -> None:
    """Find the ranges and write them."""
    from safetensors.numpy import save_file  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path)
    parser.add_argument("--out", type=Path, default=RANGES_FILE)
    options = parser.parse_args()
    folder = locate_model("default")
    tokenizer = load_tokenizer(folder)
    texts = list_texts(options.articles, list(tokenizer.get_vocab()))
    ranges = find_ranges([one.ids for one in tokenizer.encode_batch(texts)], folder.path)
    half = {place: one.astype(np.float16) for place, one in ranges.items()}
    save_file(
        {**half, **find_copies(half, folder.path)}, options.out, {"model_id": folder.model_id}
    )
    print(json.dumps({"texts": len(texts), "layers": len(half), "file": options.out.name}))


if __name__ == "__main__":
    main()
