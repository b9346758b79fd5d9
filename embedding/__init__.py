"""Texts to unit vectors: sentence-transformers models, and a plain encoder without weights."""

from wirethread.embedding.encoder import Encoder
from wirethread.embedding.hashing import HashingEncoder
from wirethread.embedding.sentence import load_encoder

__all__ = ["Encoder", "HashingEncoder", "load_encoder"]
