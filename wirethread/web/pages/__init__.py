"""One module a page: what it asks of the archive, and what only its drawing needs."""
