"""Tables by subject: what is written, and what a run asks."""
