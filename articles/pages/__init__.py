"""Web pages: characters, structured fields, main text, and credits that extraction loses."""
