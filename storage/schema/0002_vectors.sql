-- The FAISS files and what stands in them. The vectors themselves stand only in the files.
CREATE TABLE store.vector_segments (
    segment_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    dimension INTEGER NOT NULL,
    n_rows BIGINT NOT NULL,
    file_name VARCHAR NOT NULL,
    checksum VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- A text is embedded under a model where it has a row here.
CREATE TABLE store.vector_rows (
    segment_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    text_hash BIGINT NOT NULL
);

-- Files that left the catalog but that an older snapshot may still read. `publication` is the
-- first publication without the file; the one after it deletes the file.
CREATE TABLE store.retired_files (file_name VARCHAR NOT NULL, publication BIGINT);

CREATE VIEW vector_segments AS
    SELECT segment_id, model_id, dimension, n_rows, file_name, checksum, created_at
    FROM store.vector_segments;
COMMENT ON VIEW vector_segments IS 'Files under vectors/ that hold the vectors of texts.';
COMMENT ON COLUMN vector_segments.segment_id IS 'Id derived from the content.';
COMMENT ON COLUMN vector_segments.model_id IS 'Model that made the vectors; two models are never compared.';
COMMENT ON COLUMN vector_segments.dimension IS 'Numbers in a vector.';
COMMENT ON COLUMN vector_segments.n_rows IS 'Vectors in the file.';
COMMENT ON COLUMN vector_segments.file_name IS 'Name of the file.';
COMMENT ON COLUMN vector_segments.checksum IS 'xxh3-128 of the file.';
COMMENT ON COLUMN vector_segments.created_at IS 'When it was written, in UTC.';
