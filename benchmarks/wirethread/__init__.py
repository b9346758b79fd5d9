"""What people wait for: commands, Python and the page."""
