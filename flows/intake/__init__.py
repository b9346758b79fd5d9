"""What a run reads: files, folders, feeds, pages, and the versions among them."""
