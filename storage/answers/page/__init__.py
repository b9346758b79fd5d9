"""What pages ask of a published snapshot, each in a few statements over all rows it needs."""
