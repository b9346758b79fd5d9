"""Scored pairs of articles, with every component of the score."""
