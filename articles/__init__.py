"""Articles: what one is, how each form of it is read, and what its text says of its origin."""
