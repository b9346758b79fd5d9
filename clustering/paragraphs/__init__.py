"""Paragraphs as arrays, and what can be told of one pair."""
