"""Scores on labelled files, labelling, and fitting settings to labels."""
