"""One run: its file, log, progress and results."""
