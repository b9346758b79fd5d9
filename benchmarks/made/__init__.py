"""News and archives made for measuring."""
