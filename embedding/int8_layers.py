"""Dense layers in 8-bit integers, with fixed ranges: a vector never depends on its batch mates.

Each channel of an input has a range, found once by `benchmarks/embedding/embedding_ranges.py` and
shipped. Wide channels are scaled down and their weights up (Xiao et al. 2023, SmoothQuant), so that
one step fits all of them. Channels whose weights then stick out of a row stand several times, with
a part of the weight each (Zhao et al. 2019, outlier channel splitting). The weights are rounded
when the model is loaded, from the checked ones.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.embedding.bert_graph import Layer, Multiply, UnsupportedModelError

__all__ = [
    "RANGES_FILE",
    "count_copies",
    "lay_out_in_int8",
    "name_copies",
    "name_int8_model",
    "read_ranges",
]

RANGES_FILE = Path(__file__).with_name("int8_ranges.safetensors")
_SMOOTHING = 0.85
"""How much of the width of a channel goes into the weights: 0 none, 1 all."""
_LEAST = 1e-6
_FORM = f"2 {_SMOOTHING}"
"""Changes with everything here that moves a vector: part of the name of the model."""


def name_int8_model(model_id: str) -> str | None:
    """Return the id of `model_id` computed in int8; None where its ranges are not shipped.

    Its vectors differ from the plain ones by more than rounding, so they have an id of their own.
    """
    from safetensors import safe_open  # noqa: PLC0415 - only where a model is named

    with safe_open(RANGES_FILE, framework="numpy") as file:
        if (file.metadata() or {}).get("model_id") != model_id:
            return None
    digits = hashlib.sha256(_FORM.encode() + RANGES_FILE.read_bytes()).hexdigest()[:8]
    return f"{model_id}+int8.{digits}"


def read_ranges() -> dict[str, NDArray[np.float64]]:
    """Return, by place of a layer, float64[2, inputs]: the least and greatest of each channel.

    At `name_copies(place)` stands, as float64[inputs], how many times a channel is to stand.
    """
    from safetensors.numpy import load_file  # noqa: PLC0415

    return {place: one.astype(np.float64) for place, one in load_file(RANGES_FILE).items()}


def name_copies(place: str) -> str:
    """Return where the copies of the channels between `widen` and `narrow` of a block are kept.

    `place` is that of either layer, such as `3.widen`.
    """
    return f"{place.partition('.')[0]}.copies"


def count_copies(ends: NDArray[Any], weight: NDArray[Any], n_extra: int) -> NDArray[np.int64]:
    """Return int64[inputs]: how many times each channel of `weight` [outputs, inputs] is to stand.

    One after the other, `n_extra` are given to the channel whose scaled weights are greatest.
    """
    scale, _, _ = fit_steps(ends, [weight], is_floored=True)
    heaviest = np.abs(weight * scale).max(0)
    copies = np.ones(len(heaviest), dtype=np.int64)
    for _ in range(n_extra):
        copies[np.argmax(heaviest / copies)] += 1
    return copies


def lay_out_in_int8(ranges: Mapping[str, NDArray[np.float64]]) -> Multiply:
    """Return how `build_graph` is to lay out its dense layers.

    `ranges` holds float64[2, inputs] for each layer: the least and the greatest value of each
    input.
    """

    def multiply(ops: Any, place: str, x: Any, layers: Sequence[Layer]) -> list[Any]:
        if place not in ranges:
            raise UnsupportedModelError(f"there are no ranges for its layer {place}")
        ends, is_narrow = ranges[place], place.endswith(".narrow")
        if place.endswith(".widen"):
            copies = ranges[name_copies(place)].astype(np.int64)
            layers = [copy_outputs(layer, copies) for layer in layers]
        if is_narrow:
            copies = ranges[name_copies(place)].astype(np.int64)
            ends = np.repeat(ends, copies, axis=1)
            layers = [share_inputs(layer, copies) for layer in layers]
        else:
            # a slope of 1 changes nothing, but rounding becomes part of this operation; for itself
            # it takes as long as a small dense layer
            x = ops.prelu(x, ops.constant(np.ones(1, dtype=np.float32)))
        scale, low, span = fit_steps(ends, [one for one, _ in layers], is_floored=is_narrow)
        # the low end becomes 0, so that no zero point is needed: the bias takes it up
        rounded = ops.fake_quantize(
            x,
            ops.constant(low.astype(np.float32)[None]),
            ops.constant((low + span * scale).astype(np.float32)[None]),
            ops.constant(np.float32(0)),
            ops.constant(np.float32(span)),
            256,
        )
        scaled = [(weight * scale, bias) for weight, bias in layers]
        return [multiply_rounded(ops, rounded, one, low / scale) for one in scaled]

    return multiply


def copy_outputs(layer: Layer, copies: NDArray[np.int64]) -> Layer:
    """Give each output as many times as `copies` int64[outputs] says."""
    weight, bias = layer
    return np.repeat(weight, copies, axis=0), np.repeat(bias, copies)


def share_inputs(layer: Layer, copies: NDArray[np.int64]) -> Layer:
    """Give the copies int64[inputs] of each input equal parts of its weights."""
    weight, bias = layer
    return np.repeat(weight / copies, copies, axis=1), bias


def fit_steps(
    ends: NDArray[np.float64], weights: Sequence[NDArray[Any]], *, is_floored: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return scale and low end of each channel, and the span that all have once scaled.

    Both are float64[inputs]. `ends` float64[2, inputs] are the least and the greatest value of each
    channel, `weights` float[outputs, inputs] of each layer that reads it. A floored channel never
    falls below its least value, so its slack lies above.
    """
    width = np.maximum(ends[1] - ends[0], _LEAST)
    heaviest = np.maximum(np.max([np.abs(weight).max(0) for weight in weights], axis=0), _LEAST)
    scale = width**_SMOOTHING / heaviest ** (1 - _SMOOTHING)
    span = float((width / scale).max())
    low = ends[0] if is_floored else ends.mean(0) - span * scale / 2
    return scale, low, span


def multiply_rounded(ops: Any, rounded: Any, layer: Layer, low: NDArray[np.float64]) -> Any:
    """Multiply a rounded input, less `low` float64[inputs], by rounded weights."""
    weight, bias = layer
    whole, step = round_rows(weight)
    stored = ops.convert(ops.constant(whole.astype(np.int8)), "f32")
    used = ops.multiply(stored, ops.constant(step.astype(np.float32)))
    moved = (bias + (whole * step) @ low).astype(np.float32)
    return ops.add(ops.matmul(rounded, used, False, True), ops.constant(moved))


def round_rows(weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return whole numbers from -127 to 127, and the step of each row.

    They are float64[outputs, inputs] and float64[outputs, 1]: together the `weight`.
    """
    step = np.maximum(np.abs(weight).max(1, keepdims=True) / 127, _LEAST**2)
    return np.clip(np.round(weight / step), -127, 127), step
