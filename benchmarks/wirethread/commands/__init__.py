"""How long commands take to answer."""
