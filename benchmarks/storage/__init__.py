"""How storing and searching grow with size."""
