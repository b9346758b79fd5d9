"""Newer texts: versions of one article, notices, and who still runs the older words."""
