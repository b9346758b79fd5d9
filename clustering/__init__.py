"""What belongs together: pure functions over arrays and records."""
