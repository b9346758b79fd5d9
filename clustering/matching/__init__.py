"""Pairs of paragraphs: candidates, bounds, scores and verdicts."""
