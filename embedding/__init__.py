"""Texts to unit vectors: sentence-transformers models, and a plain encoder without weights."""

from embedding.encoder import Encoder
from embedding.hashing import HashingEncoder
from embedding.sentence import load_encoder

__all__ = ["Encoder", "HashingEncoder", "load_encoder"]
