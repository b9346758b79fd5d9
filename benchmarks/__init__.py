"""Measurements of everything, and the floors that must hold."""
