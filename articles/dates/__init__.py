"""Dates: what newsrooms write, in which order and language, to a time in UTC."""
