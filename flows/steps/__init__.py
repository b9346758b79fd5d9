"""The road: its steps in order, one module a step."""
