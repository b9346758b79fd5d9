"""What belongs together: pure functions over arrays and types of articles."""
