"""How good what belongs together is, and how time and memory grow with it."""
