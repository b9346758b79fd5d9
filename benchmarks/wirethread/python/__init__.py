"""What Python is given, beside other libraries."""
