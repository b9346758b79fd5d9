"""How well articles are read."""
