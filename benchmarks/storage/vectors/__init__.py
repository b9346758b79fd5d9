"""Vectors stored and searched by the million."""
