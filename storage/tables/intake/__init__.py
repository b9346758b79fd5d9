"""What is remembered of articles that came from other machines, or go there."""
