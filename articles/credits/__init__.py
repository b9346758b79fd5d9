"""Who supplied a text or picture: agencies, the conventions of credits, notices to editors."""
