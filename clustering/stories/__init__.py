"""Links to story clusters and threads, their lasting ids, titles and reasons."""
