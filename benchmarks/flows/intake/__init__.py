"""How fast articles are taken in."""
