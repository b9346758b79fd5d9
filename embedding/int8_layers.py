"""Dense layers in 8-bit integers, with fixed ranges: a vector never depends on its batch mates.

Each channel of an input has a range, found once by `benchmarks/embedding_ranges.py` and shipped.
Wide channels are scaled down and their weights up (Xiao et al. 2023, SmoothQuant), so that one
step fits all of them. The weights are rounded when the model is loaded, from the checked ones.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedding.bert_graph import Layer, Multiply, UnsupportedModelError

__all__ = ["RANGES_FILE", "lay_out_in_int8", "name_int8_model", "read_ranges"]

RANGES_FILE = Path(__file__).with_name("int8_ranges.safetensors")
_SMOOTHING = 0.85
"""How much of the width of a channel goes into the weights: 0 none, 1 all."""
_N_FINE_ROWS = 4
"""Outputs with the coarsest weights, of which what rounding left is added."""
_LEAST = 1e-6
_FORM = f"1 {_SMOOTHING} {_N_FINE_ROWS}"
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
    """Return, by place of a layer, float64[2, inputs]: the least and greatest of each channel."""
    from safetensors.numpy import load_file  # noqa: PLC0415

    return {place: one.astype(np.float64) for place, one in load_file(RANGES_FILE).items()}


def lay_out_in_int8(ranges: Mapping[str, NDArray[np.float64]]) -> Multiply:
    """Return how `build_graph` is to lay out its dense layers."""

    def multiply(ops: Any, place: str, x: Any, layers: Sequence[Layer]) -> list[Any]:
        if place not in ranges:
            raise UnsupportedModelError(f"there are no ranges for its layer {place}")
        is_narrow = place.endswith(".narrow")
        weights = [one for one, _ in layers]
        scale, low, span = fit_steps(ranges[place], weights, is_floored=is_narrow)
        # the low end becomes 0, so that no zero point is needed: the bias takes it up
        rounded = ops.fake_quantize(
            x,
            ops.constant(low.astype(np.float32)[None]),
            ops.constant((low + span * scale).astype(np.float32)[None]),
            ops.constant(np.float32(0)),
            ops.constant(np.float32(span)),
            256,
        )
        n_fine = _N_FINE_ROWS if is_narrow else 0
        scaled = [(weight * scale, bias) for weight, bias in layers]
        return [multiply_rounded(ops, rounded, one, low / scale, n_fine=n_fine) for one in scaled]

    return multiply


def fit_steps(
    ends: NDArray[np.float64], weights: Sequence[NDArray[Any]], *, is_floored: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return scale and low end of each channel, and the span that all have once scaled.

    A floored channel never falls below its least value, so its slack lies above.
    """
    width = np.maximum(ends[1] - ends[0], _LEAST)
    heaviest = np.maximum(np.max([np.abs(one).max(0) for one in weights], axis=0), _LEAST)
    scale = width**_SMOOTHING / heaviest ** (1 - _SMOOTHING)
    span = float((width / scale).max())
    low = ends[0] if is_floored else ends.mean(0) - span * scale / 2
    return scale, low, span


def multiply_rounded(
    ops: Any, rounded: Any, layer: Layer, low: NDArray[np.float64], *, n_fine: int
) -> Any:
    """Multiply a rounded input, less `low`, by rounded weights; `n_fine` rows are rounded twice."""
    weight, bias = layer
    whole, step = round_rows(weight)
    used = whole * step
    product = ops.matmul(rounded, _scale_up(ops, whole, step), False, True)
    if n_fine:
        rows = np.sort(np.argsort(-step[:, 0], kind="stable")[:n_fine])
        rest, rest_step = round_rows(weight[rows] - used[rows])
        used[rows] += rest * rest_step
        spread = np.zeros((n_fine, len(weight)), dtype=np.float32)
        spread[np.arange(n_fine), rows] = 1
        finer = ops.matmul(rounded, _scale_up(ops, rest, rest_step), False, True)
        finer = ops.matmul(finer, ops.constant(spread), False, False)
    total = ops.add(product, ops.constant((bias + used @ low).astype(np.float32)))
    return ops.add(total, finer) if n_fine else total


def round_rows(weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return whole numbers from -127 to 127, and the step [outputs, 1] of each row."""
    step = np.maximum(np.abs(weight).max(1, keepdims=True) / 127, _LEAST**2)
    return np.clip(np.round(weight / step), -127, 127), step


def _scale_up(ops: Any, whole: NDArray[np.float64], step: NDArray[np.float64]) -> Any:
    stored = ops.convert(ops.constant(whole.astype(np.int8)), "f32")
    return ops.multiply(stored, ops.constant(step.astype(np.float32)))
