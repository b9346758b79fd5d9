"""The systems that are compared with ours on passages."""
