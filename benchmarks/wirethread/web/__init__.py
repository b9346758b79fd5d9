"""The page at size: an archive on which every page has something, and what each address costs."""
