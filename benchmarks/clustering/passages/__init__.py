"""The passages of a whole corpus."""
