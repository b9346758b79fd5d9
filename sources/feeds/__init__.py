"""RSS, RDF and Atom from bytes that were fetched."""
