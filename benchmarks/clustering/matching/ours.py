"""Ours: parse, embed and match as the flow does, with the shipped settings."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.job import Stopwatch, read_lines, run_job
from wirethread.articles.types.articles import Paragraph, ParagraphKind
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.measures.passage_scores import ReusePrediction, predict_reuse
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.stories import parse_source
from wirethread.flows.settings.config import Settings

__all__ = ["embed_set", "gather_texts", "load_vector_table", "match_set", "to_row"]

MIN_WORDS = 5
"""Shorter paragraphs get no vector, as in the catalog."""


def gather_texts(articles: list[ArticleText]) -> dict[int, str]:
    """Return the body paragraphs that get a vector, each distinct text once, by text hash."""
    return {
        int(paragraph.text_hash): paragraph.text
        for article in articles
        for paragraph in article.paragraphs
        if is_embedded(paragraph)
    }


def is_embedded(paragraph: Paragraph) -> bool:
    return paragraph.kind is ParagraphKind.BODY and len(paragraph.text.split()) >= MIN_WORDS


def embed_set(request: dict[str, Any]) -> dict[str, Any]:
    """Make the vectors of a source, and of the plain paragraphs that the cosine peer is given."""
    watch = Stopwatch()
    with watch.measure("parse"):
        parsed, _ = parse_source(Path(request["source"]))
        texts = gather_texts([to_article_text(one) for one in parsed])
    with watch.measure("load model"):
        encoder = load_encoder("default")
    with watch.measure("find"):
        vectors = encoder.encode(list(texts.values()))
    save_vector_table(Path(request["vectors"]), list(texts), vectors)
    save_plain_vectors(request, texts, vectors, encoder)
    return {
        "predictions": [],
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "n_texts": len(texts),
        "model": encoder.model_id,
        "precision": getattr(encoder, "precision", "float32"),
    }


def save_plain_vectors(
    request: dict[str, Any],
    texts: dict[int, str],
    vectors: npt.NDArray[np.float32],
    encoder: Any,
) -> None:
    """Save one row for each plain paragraph; the same text is not encoded again."""
    known = dict(zip(texts.values(), vectors, strict=True))
    plain = [one["text"] for one in read_lines(request["paragraphs"])]
    missing = [one for one in dict.fromkeys(plain) if one not in known]
    known |= dict(zip(missing, encoder.encode(missing), strict=True))
    np.save(request["plain_vectors"], np.stack([known[one] for one in plain]))


def save_vector_table(path: Path, hashes: list[int], vectors: npt.NDArray[np.float32]) -> None:
    keys = np.array(hashes, dtype=np.int64)
    order = np.argsort(keys)
    np.savez(path, hashes=keys[order], vectors=vectors[order])


def load_vector_table(path: Path) -> VectorTable:
    """Read vectors saved by `embed_set`."""
    with np.load(path) as file:
        return VectorTable(hashes=file["hashes"], vectors=file["vectors"])


def match_set(request: dict[str, Any]) -> dict[str, Any]:
    """Compare every two articles of a source; give the passages of hosts in earlier wire copy."""
    watch = Stopwatch()
    with watch.measure("parse"):
        parsed, _ = parse_source(Path(request["source"]))
        articles = [to_article_text(one) for one in parsed]
    with watch.measure("read"):
        vectors = load_vector_table(Path(request["vectors"])) if request["with_vectors"] else None
    with watch.measure("find"):
        matches = match_passages(
            articles,
            vectors,
            np.ones(len(articles), dtype=bool),
            Settings().matching,
            read_tokens=LazyEncoder(EmbeddingSettings()).encode_tokens,
        )
        found = predict_reuse(matches, articles)
    names = {one.article.article_id: one.article.source_id for one in parsed}
    predictions = [
        to_row(entry) | {"host_id": names[entry.host_id], "source_id": names[entry.donor_id]}
        for entry in found
    ]
    return {
        "predictions": predictions,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "n_verdicts": len(matches),
    }


def to_row(found: ReusePrediction) -> dict[str, Any]:
    """Return a predicted passage as the scorer takes it."""
    return {
        "host_id": found.host_id,
        "source_id": found.donor_id,
        "host_begin": found.host[0],
        "host_end": found.host[1],
        "source_begin": found.donor[0],
        "source_end": found.donor[1],
    }


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Do the step that the request names."""
    return embed_set(request) if request["step"] == "embed" else match_set(request)


if __name__ == "__main__":
    run_job(work)
