"""Fetching with manners and bounds, and never from private addresses."""
