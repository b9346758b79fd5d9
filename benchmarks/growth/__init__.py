"""How time and memory grow with size."""
