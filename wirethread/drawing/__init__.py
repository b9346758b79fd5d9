"""Answers as tables and text for a terminal."""
