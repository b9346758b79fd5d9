-- A text may be another publisher's, run by agreement, and a credit may name no agency.
ALTER TABLE store.wire_credits ADD COLUMN origin VARCHAR;

CREATE OR REPLACE VIEW wire_credits AS
    SELECT article_id, agency, role, rule, evidence, begin, "end", origin
    FROM store.wire_credits WHERE agency <> '';
COMMENT ON VIEW wire_credits IS 'Statements in an article that an agency or another publisher supplied text or pictures.';
COMMENT ON COLUMN wire_credits.article_id IS 'Article that carries the statement.';
COMMENT ON COLUMN wire_credits.agency IS 'Short name of the agency, such as AP; of a publisher as the words name it.';
COMMENT ON COLUMN wire_credits.role IS 'source, contributor, photo, handout or syndicated (the text is another publisher''s, run by agreement); photo is no evidence about text.';
COMMENT ON COLUMN wire_credits.rule IS 'Convention that was recognised, such as dateline or contributor_line.';
COMMENT ON COLUMN wire_credits.evidence IS 'The words that say so.';
COMMENT ON COLUMN wire_credits.begin IS 'First character of those words, -1 for a structured field.';
COMMENT ON COLUMN wire_credits."end" IS 'One past their last character, -1 for a structured field.';
COMMENT ON COLUMN wire_credits.origin IS 'Of a syndicated text the publisher whose text it is, NULL else.';

CREATE VIEW unnamed_credits AS
    SELECT article_id, role, rule, evidence, begin, "end"
    FROM store.wire_credits WHERE agency = '';
COMMENT ON VIEW unnamed_credits IS 'Statements that agencies supplied text, which name none: "based in part on wire service reports".';
COMMENT ON COLUMN unnamed_credits.article_id IS 'Article that carries the statement.';
COMMENT ON COLUMN unnamed_credits.role IS 'source or contributor.';
COMMENT ON COLUMN unnamed_credits.rule IS 'Convention that was recognised, such as contributor_line.';
COMMENT ON COLUMN unnamed_credits.evidence IS 'The words that say so.';
COMMENT ON COLUMN unnamed_credits.begin IS 'First character of those words, -1 for a structured field.';
COMMENT ON COLUMN unnamed_credits."end" IS 'One past their last character, -1 for a structured field.';
