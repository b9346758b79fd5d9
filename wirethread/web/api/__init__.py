"""The forms for programs: whole lists as files, and feeds."""
