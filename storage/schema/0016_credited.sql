-- What an article says of itself beside what was traced: credited articles, own paragraphs, copy
-- that is no agency's, and how these answers moved.
ALTER TABLE store.article_derivation ADD COLUMN copied_share DOUBLE;
ALTER TABLE store.article_derivation ADD COLUMN shared_share DOUBLE;
ALTER TABLE store.paragraph_sources ADD COLUMN state VARCHAR;

CREATE TABLE store.own_paragraphs (
    paragraph_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    evidence VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    written BIGINT DEFAULT 0
);

CREATE TABLE store.derivation_events (
    event BIGINT NOT NULL,
    article_id VARCHAR NOT NULL,
    old_derivation VARCHAR NOT NULL,
    new_derivation VARCHAR NOT NULL,
    old_share DOUBLE NOT NULL,
    new_share DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE OR REPLACE VIEW article_derivation AS
    SELECT article_id, derivation, share, reason, run_id, coalesce(copied_share, 0) AS copied_share,
        coalesce(shared_share, 0) AS shared_share
    FROM store.article_derivation;
COMMENT ON VIEW article_derivation IS 'How much of an article is wire copy.';
COMMENT ON COLUMN article_derivation.article_id IS 'Article.';
COMMENT ON COLUMN article_derivation.derivation IS 'wholly, partly, credited (it credits an agency, and no copy of one was traced: how much is not known) or not.';
COMMENT ON COLUMN article_derivation.share IS 'Share of the characters of its body that was traced to agencies; never taken from a line that credits one.';
COMMENT ON COLUMN article_derivation.reason IS 'Why.';
COMMENT ON COLUMN article_derivation.run_id IS 'Run that decided this.';
COMMENT ON COLUMN article_derivation.copied_share IS 'Share of its body that ran elsewhere before, an agency''s or not.';
COMMENT ON COLUMN article_derivation.shared_share IS 'Share of its body that other articles have too, whoever had it first.';

CREATE OR REPLACE VIEW paragraph_sources AS
    SELECT s.paragraph_id, s.article_id, s.position, s.passage_id, s.agency, s.relation, s.share,
        s.reason, p.origin_article_id, p.confidence, p.evidence, p.evidence_article_id,
        coalesce(s.state, CASE WHEN s.agency IS NOT NULL THEN 'agency'
            WHEN p.origin_article_id = s.article_id THEN 'first'
            WHEN p.origin_article_id IS NOT NULL THEN 'copied' ELSE 'shared' END) AS state
    FROM store.paragraph_sources s LEFT JOIN store.passages p USING (passage_id);
COMMENT ON VIEW paragraph_sources IS 'Whose words a paragraph carries, where it was found elsewhere too or its article says that it is an agency''s; what a paragraph without a row is, paragraph_states tells.';
COMMENT ON COLUMN paragraph_sources.paragraph_id IS 'Paragraph.';
COMMENT ON COLUMN paragraph_sources.article_id IS 'Article it stands in.';
COMMENT ON COLUMN paragraph_sources.position IS 'Its place in the article, from 0.';
COMMENT ON COLUMN paragraph_sources.passage_id IS 'Passage it carries, or NULL.';
COMMENT ON COLUMN paragraph_sources.agency IS 'Agency that supplied it, or NULL.';
COMMENT ON COLUMN paragraph_sources.relation IS 'How it relates to the origin, or NULL.';
COMMENT ON COLUMN paragraph_sources.share IS 'Share of its characters that is this copy; 0 where it was found nowhere else.';
COMMENT ON COLUMN paragraph_sources.reason IS 'Why.';
COMMENT ON COLUMN paragraph_sources.origin_article_id IS 'Article the passage comes from, or NULL.';
COMMENT ON COLUMN paragraph_sources.confidence IS 'How sure origin and agency of the passage are.';
COMMENT ON COLUMN paragraph_sources.evidence IS 'The words that prove the agency.';
COMMENT ON COLUMN paragraph_sources.evidence_article_id IS 'Article in which those words stand.';
COMMENT ON COLUMN paragraph_sources.state IS 'agency (traced to one), declared (the article says it is an agency''s), copied (another outlet had it first), first (own words that others have too), shared (who was first is not known) or own.';

CREATE VIEW paragraph_states AS
    SELECT p.paragraph_id, p.article_id, p.position,
        coalesce(s.state, CASE WHEN o.evidence IS NOT NULL THEN 'own' ELSE 'not found' END) AS state,
        s.agency, s.passage_id, o.evidence AS own_evidence
    FROM store.paragraphs p
    JOIN store.article_derivation d ON d.article_id = p.article_id
    LEFT JOIN paragraph_sources s ON s.paragraph_id = p.paragraph_id
    LEFT JOIN store.own_paragraphs o ON o.paragraph_id = p.paragraph_id
    WHERE p.kind = 'body';
COMMENT ON VIEW paragraph_states IS 'What is known of every body paragraph: copy, own words, or found nowhere else, which says nothing of whose it is.';
COMMENT ON COLUMN paragraph_states.paragraph_id IS 'Paragraph.';
COMMENT ON COLUMN paragraph_states.article_id IS 'Article it stands in.';
COMMENT ON COLUMN paragraph_states.position IS 'Its place in the article, from 0.';
COMMENT ON COLUMN paragraph_states.state IS 'agency, declared, copied, first, shared, own or not found (see paragraph_sources.state).';
COMMENT ON COLUMN paragraph_states.agency IS 'Agency that supplied it, or NULL.';
COMMENT ON COLUMN paragraph_states.passage_id IS 'Passage it carries, or NULL.';
COMMENT ON COLUMN paragraph_states.own_evidence IS 'Words of it that show it to be the outlet''s own, or NULL.';

CREATE VIEW article_agencies AS
    WITH proven AS (
        SELECT t.article_id, t.agency, t.share, max(p.confidence) AS confidence,
            arg_max(p.evidence, p.confidence) AS evidence
        FROM store.article_agency_shares t
        LEFT JOIN store.paragraph_sources s ON s.article_id = t.article_id AND s.agency = t.agency
        LEFT JOIN store.passages p ON p.passage_id = s.passage_id
        GROUP BY ALL
    ), declared AS (
        SELECT article_id, agency,
            arg_min(role, CASE role WHEN 'contributor' THEN 1 ELSE 0 END) AS role,
            arg_min(evidence, CASE role WHEN 'contributor' THEN 1 ELSE 0 END) AS evidence
        FROM store.wire_credits WHERE role <> 'photo' AND agency <> ''
        GROUP BY article_id, agency
    )
    SELECT coalesce(p.article_id, d.article_id) AS article_id, coalesce(p.agency, d.agency) AS agency,
        CASE WHEN d.agency IS NULL THEN 'proven' WHEN p.agency IS NULL THEN 'declared'
            ELSE 'proven and declared' END AS basis,
        coalesce(p.share, 0) AS share, p.confidence, d.role, coalesce(d.evidence, p.evidence) AS evidence
    FROM proven p FULL JOIN declared d ON p.article_id = d.article_id AND p.agency = d.agency
    WHERE coalesce(p.article_id, d.article_id) IN
        (SELECT article_id FROM store.articles WHERE superseded_by IS NULL);
COMMENT ON VIEW article_agencies IS 'Which current article leans on which agency for its text, proven by copy that was traced or declared by a credit.';
COMMENT ON COLUMN article_agencies.article_id IS 'Article.';
COMMENT ON COLUMN article_agencies.agency IS 'Short name of the agency.';
COMMENT ON COLUMN article_agencies.basis IS 'proven (its copy was traced in the article), declared (the article credits it) or proven and declared.';
COMMENT ON COLUMN article_agencies.share IS 'Share of the body that was traced to it; 0 where it is only declared, and then not known.';
COMMENT ON COLUMN article_agencies.confidence IS 'How sure the agency of the traced copy is, NULL where it is only declared.';
COMMENT ON COLUMN article_agencies.role IS 'What the article says it supplied: source, contributor and so on; NULL where it is only proven.';
COMMENT ON COLUMN article_agencies.evidence IS 'The words that say so, in the article or in another one that carries the same copy.';

CREATE VIEW derivation_events AS
    SELECT event, article_id, old_derivation, new_derivation, old_share, new_share, reason,
        recorded_at, run_id
    FROM store.derivation_events;
COMMENT ON VIEW derivation_events IS 'How the answer on an article moved when more was read, as from credited to partly.';
COMMENT ON COLUMN derivation_events.event IS 'Number of the event, growing.';
COMMENT ON COLUMN derivation_events.article_id IS 'Article.';
COMMENT ON COLUMN derivation_events.old_derivation IS 'Derivation before.';
COMMENT ON COLUMN derivation_events.new_derivation IS 'Derivation after.';
COMMENT ON COLUMN derivation_events.old_share IS 'Traced share before.';
COMMENT ON COLUMN derivation_events.new_share IS 'Traced share after.';
COMMENT ON COLUMN derivation_events.reason IS 'Why it is so now.';
COMMENT ON COLUMN derivation_events.recorded_at IS 'When, in UTC.';
COMMENT ON COLUMN derivation_events.run_id IS 'Run that changed it.';
