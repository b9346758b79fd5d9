"""The catalog in DuckDB, the vectors in FAISS segments, and the published snapshot."""
