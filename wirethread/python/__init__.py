"""What `import wirethread` offers: an open archive, runs, comparing texts, leaving out copies."""
