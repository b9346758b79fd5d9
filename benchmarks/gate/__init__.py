"""The floors of quality and of ratios."""
