-- Articles that other machines read and parsed: files, parcels, that one archive takes up once each.
-- On the archive's machine the parcels that were taken; on one that hands in, those that it made and
-- that are not in a publication yet, and which articles were in any.
CREATE TABLE store.parcels (
    name VARCHAR NOT NULL, state VARCHAR NOT NULL, n_articles BIGINT NOT NULL,
    n_rejected BIGINT NOT NULL, made_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE store.parcel_articles (article_id VARCHAR NOT NULL);
INSERT INTO store.counters VALUES ('parcel', 0);
