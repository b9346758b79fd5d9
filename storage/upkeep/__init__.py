"""Verify, repair, back up, restore, forget."""
