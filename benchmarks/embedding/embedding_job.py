"""One way to encode texts, in a process of its own: time, and the vectors it made."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.job import Stopwatch, read_lines, run_job

__all__ = ["encode_texts"]


def encode_texts(request: dict[str, Any]) -> dict[str, Any]:
    """Encode the texts as `request["way"]` says, and save float32[n, d] to `request["vectors"]`."""
    texts = [one["text"] for one in read_lines(request["texts"])]
    watch = Stopwatch()
    if request["way"] == "plain":
        with watch.measure("load"):
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415

            from wirethread.embedding.model_files import locate_model  # noqa: PLC0415

            folder = locate_model("default")
            model = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
            model.max_seq_length = folder.max_tokens
        with watch.measure("encode"):
            vectors = np.asarray(model.encode(texts, normalize_embeddings=True))
        engine = "torch on the CPU, float32"
    else:
        with watch.measure("load"):
            from wirethread.embedding.sentence import load_encoder  # noqa: PLC0415

            encoder: Any = load_encoder(
                "default", device="cpu", engine=request["way"], precision=request["precision"]
            )
        with watch.measure("encode"):
            vectors = encoder.encode(texts)
        engine = encoder.engine
    np.save(Path(request["vectors"]), vectors)
    return {"seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds, "engine": engine}


if __name__ == "__main__":
    run_job(encode_texts)
