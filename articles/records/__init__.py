"""JSON objects of the extractors, ninjs and ANS, field by field."""
