"""A BERT sentence encoder as an OpenVINO graph, built straight from the weights of its folder.

Only operations are laid out here, as in Devlin et al. 2019; the numbers come from
`model.safetensors`. Nothing is converted, so neither torch nor a cache on the disk is needed, and
the model is ready in under a second.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Layer", "Multiply", "UnsupportedModelError", "build_graph", "multiply_plainly"]

Layer = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""Weights float32[outputs, inputs] and bias float32[outputs]."""
Multiply = Callable[[Any, str, Any, Sequence[Layer]], list[Any]]
"""Lays out dense layers over one input: (operations, place, input[tokens, width], layers)."""

_POOLINGS = ("cls_token", "mean_tokens")
_ACTIVATIONS = ("gelu",)
_LEAST = 1e-9
"""Keeps a text without tokens from dividing by zero, as sentence-transformers does."""


class UnsupportedModelError(Exception):
    """The folder holds another kind of model than the graph can express; the message says which."""


def multiply_plainly(ops: Any, place: str, x: Any, layers: Sequence[Layer]) -> list[Any]:
    """Lay out each layer as a product and a sum, in the precision of the graph."""
    return [
        ops.add(ops.matmul(x, ops.constant(weight), False, True), ops.constant(bias))
        for weight, bias in layers
    ]


def build_graph(folder: Path, multiply: Multiply = multiply_plainly) -> Any:
    """Return an `openvino.Model`: `ids`, `mask` int32[n, length] to unit vectors float32[n, d], and
    to what the last layer says of every token, float32[n, length, d].

    `multiply` lays out the dense layers; their places are `0.attention`, `0.merge`, `0.widen`,
    `0.narrow`, `1.attention` and so on. Raises `UnsupportedModelError` unless the folder is a BERT
    model with plain mean or first-token pooling, in one safetensors file.
    """
    config = _read_config(folder)
    weights = _read_weights(folder / "model.safetensors")
    try:
        return _lay_out(config, weights, _read_pooling(folder), multiply)
    except KeyError as error:
        raise UnsupportedModelError(f"there are no weights {error} in {folder}") from None


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UnsupportedModelError(f"{folder} has no readable config.json") from None
    wanted = {
        "model_type": ("bert",),
        "position_embedding_type": ("absolute",),
        "hidden_act": _ACTIVATIONS,
        "is_decoder": (False,),
    }
    for name, allowed in wanted.items():
        if config.get(name, allowed[0]) not in allowed:
            raise UnsupportedModelError(f"its {name} is {config[name]!r}")
    if "model_type" not in config:
        raise UnsupportedModelError("its config.json does not say what it is")
    return config


def _read_weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    from safetensors import SafetensorError  # noqa: PLC0415 - only where a model is loaded
    from safetensors.numpy import load_file  # noqa: PLC0415

    try:
        weights = load_file(path)
    except (OSError, SafetensorError, TypeError):
        raise UnsupportedModelError(f"{path.name} is not there or not of plain numbers") from None
    return {
        name.removeprefix("bert."): array.astype(np.float32, copy=False)
        for name, array in weights.items()
        if array.dtype.kind == "f"
    }


def _read_pooling(folder: Path) -> str:
    """Return `mean_tokens` or `cls_token`, where no other module follows but `Normalize`."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [module["type"].rpartition(".")[2] for module in modules]
        if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
            raise UnsupportedModelError(f"it is made of {', '.join(kinds)}")
        path = folder / modules[1]["path"] / "config.json"
        pooling = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        raise UnsupportedModelError("its modules cannot be read") from None
    asked = [name.removeprefix("pooling_mode_") for name, value in pooling.items() if value is True]
    chosen = [name for name in asked if name != "include_prompt"]
    if len(chosen) != 1 or chosen[0] not in _POOLINGS:
        raise UnsupportedModelError(f"it pools by {', '.join(chosen) or 'nothing known'}")
    return str(chosen[0])


def _lay_out(
    config: dict[str, Any], weights: dict[str, Any], pooling: str, multiply: Multiply
) -> Any:
    from openvino import Model  # noqa: PLC0415 - half a second
    from openvino import opset13 as ops  # noqa: PLC0415

    def read_layer(name: str, scale: float = 1.0) -> Layer:
        factor = np.float32(scale)
        return weights[f"{name}.weight"] * factor, weights[f"{name}.bias"] * factor

    def shape(*numbers: int) -> Any:
        return ops.constant(np.array(numbers, dtype=np.int32))

    def part_heads(x: Any) -> Any:
        return ops.transpose(ops.reshape(x, parted, False), [0, 2, 1, 3])

    def normalize_layer(x: Any, name: str) -> Any:
        even = ops.mvn(x, [-1], True, float(config["layer_norm_eps"]), "INSIDE_SQRT")
        scaled = ops.multiply(even, ops.constant(weights[f"{name}.weight"]))
        return ops.add(scaled, ops.constant(weights[f"{name}.bias"]))

    n_heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
    ids = ops.parameter([-1, -1], np.int32, name="ids")
    mask = ops.parameter([-1, -1], np.int32, name="mask")
    size = ops.shape_of(ids, "i32")
    parted = ops.concat([size, shape(n_heads, width // n_heads)], 0)
    # all tokens in one long table: ranges by channel are only understood on its second axis
    x = ops.reshape(_embed_tokens(ops, ids, weights), shape(-1, width), False)
    x = normalize_layer(x, "embeddings.LayerNorm")
    seen = ops.convert(mask, "f32")
    hidden = ops.multiply(ops.subtract(seen, np.float32(1)), np.float32(1e4))
    hidden = ops.unsqueeze(hidden, [1, 2])
    for number in range(int(config["num_hidden_layers"])):
        layer = f"encoder.layer.{number}"
        own = f"{layer}.attention.self"
        # written out, with the scale inside the weights: faster than the ready-made operation
        three = [
            read_layer(f"{own}.query", (width // n_heads) ** -0.5),
            read_layer(f"{own}.key"),
            read_layer(f"{own}.value"),
        ]
        query, key, value = map(part_heads, multiply(ops, f"{number}.attention", x, three))
        scores = ops.add(ops.matmul(query, key, False, True), hidden)
        attended = ops.matmul(ops.softmax(scores, -1), value, False, False)
        merged = ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), shape(-1, width), False)
        dense = read_layer(f"{layer}.attention.output.dense")
        x = ops.add(multiply(ops, f"{number}.merge", merged, [dense])[0], x)
        x = normalize_layer(x, f"{layer}.attention.output.LayerNorm")
        dense = read_layer(f"{layer}.intermediate.dense")
        wide = ops.gelu(multiply(ops, f"{number}.widen", x, [dense])[0], "erf")
        dense = read_layer(f"{layer}.output.dense")
        x = ops.add(multiply(ops, f"{number}.narrow", wide, [dense])[0], x)
        x = normalize_layer(x, f"{layer}.output.LayerNorm")
    x = ops.reshape(x, ops.concat([size, shape(width)], 0), False)
    if pooling == "cls_token":
        pooled = ops.gather(x, ops.constant(np.int32(0)), ops.constant(np.int32(1)))
    else:
        kept = ops.unsqueeze(seen, [2])
        total = ops.reduce_sum(ops.multiply(x, kept), [1], False)
        pooled = ops.divide(
            total, ops.maximum(ops.reduce_sum(kept, [1], False), np.float32(_LEAST))
        )
    unit = ops.normalize_l2(pooled, [1], 1e-12, "max")
    return Model([unit, x], [ids, mask], "sentence encoder")


def _embed_tokens(ops: Any, ids: Any, weights: dict[str, Any]) -> Any:
    """Return the sum of word, place and type: the tokens of one text are all of type 0."""
    axis = ops.constant(np.int32(0))
    words = ops.gather(ops.constant(weights["embeddings.word_embeddings.weight"]), ids, axis)
    n_tokens = ops.gather(ops.shape_of(ids, "i32"), ops.constant(np.int32(1)), axis)
    places = ops.range(np.int32(0), n_tokens, np.int32(1), "i32")
    table = weights["embeddings.position_embeddings.weight"]
    table = table + weights["embeddings.token_type_embeddings.weight"][0]
    return ops.add(words, ops.gather(ops.constant(table), places, axis))
