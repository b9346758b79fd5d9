"""How addresses are served: lists as files, feeds, and routes that are built late."""
