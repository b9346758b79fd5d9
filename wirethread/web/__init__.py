"""The pages, their JSON twins, and the HTTP API: the only room that knows a web framework."""
