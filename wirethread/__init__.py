"""wirethread: which copy travels between news articles, who supplied it, and how we know."""

__version__ = "0.2.0"
