"""Which paragraph pairs are worth comparing."""
