"""How fast texts become vectors."""
