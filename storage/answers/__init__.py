"""What readers ask of a published archive."""
