"""Copied passages found, beside other systems."""
