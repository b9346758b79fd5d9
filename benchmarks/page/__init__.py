"""The page at size: an archive on which every page shows something, and the time of every address."""
