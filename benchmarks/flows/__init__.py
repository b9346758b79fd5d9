"""What whole runs cost, and how that grows with size."""
