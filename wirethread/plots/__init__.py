"""Plots of an archive, each with the table that it shows."""
