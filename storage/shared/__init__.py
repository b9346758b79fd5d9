"""The shared archive: publications in DuckLake, to be read from any machine."""
