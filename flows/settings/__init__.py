"""The settings file, read, checked and edited."""
