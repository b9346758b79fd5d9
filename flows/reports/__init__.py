"""What is told of a run: artifacts, alerts, the state of an archive."""
