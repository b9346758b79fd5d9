"""A text to paragraphs with offsets and kinds."""
