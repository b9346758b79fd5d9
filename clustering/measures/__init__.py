"""How good a result is, on labels."""
