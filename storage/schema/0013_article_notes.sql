-- What a sender says of an article beside its text, and what of it could not be taken.

CREATE VIEW article_notes AS SELECT article_id, field, words FROM store.article_notes;
COMMENT ON VIEW article_notes IS 'What the sender of an article says about it, and what of its fields could not be taken as stated.';
COMMENT ON COLUMN article_notes.article_id IS 'The article.';
COMMENT ON COLUMN article_notes.field IS 'Field of its source, such as slug or ednote; or mark:date_unread, mark:date_ahead (in UTC), mark:headline_made.';
COMMENT ON COLUMN article_notes.words IS 'The words that stand there.';
