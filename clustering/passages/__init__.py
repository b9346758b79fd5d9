"""Verified matches to passages: origins, agencies, derivations, independent newsrooms."""
