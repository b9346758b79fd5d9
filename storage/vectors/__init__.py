"""Vectors in immutable FAISS segments."""
