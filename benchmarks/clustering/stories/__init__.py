"""Story clusters found, beside other systems."""
