"""The stages whose work is cut into partitions: what one takes and gives, as pure functions."""
