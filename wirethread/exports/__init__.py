"""Answers as files: tables, whole archives, and the forms of other programs."""
