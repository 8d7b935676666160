-- Announcements: everybody reads what was published, the office its drafts. `chair` is whoever has
-- written in it: accounts and blind indexes of identity numbers.
CREATE TABLE announcement (
    announcement_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    authority text COLLATE "C" NOT NULL,
    issuer_path text COLLATE "C" NOT NULL CHECK (issuer_path LIKE '/%/'),
    kind text NOT NULL,
    title text NOT NULL CHECK (length(title) <= 120),
    body text NOT NULL,
    chair text[] NOT NULL CHECK (cardinality(chair) > 0),
    published_on date,
    withdrawn_on date,
    reason text NOT NULL,
    CHECK ((state = 'DRAFT') = (published_on IS NULL)),
    CHECK ((state = 'WITHDRAWN') = (withdrawn_on IS NOT NULL)),
    CHECK ((state = 'WITHDRAWN') = (reason <> ''))
);
CREATE INDEX announcement_draft ON announcement (authority, announcement_id) WHERE state = 'DRAFT';
CREATE INDEX announcement_public ON announcement (published_on, announcement_id) WHERE state <> 'DRAFT';
CREATE INDEX announcement_issuer ON announcement (issuer_path, published_on) WHERE state <> 'DRAFT';

ALTER TABLE announcement ENABLE ROW LEVEL SECURITY;
ALTER TABLE announcement FORCE ROW LEVEL SECURITY;
CREATE POLICY announcement_read ON announcement FOR SELECT
    USING (state <> 'DRAFT' OR kit.in_scope(issuer_path, '', ''));
CREATE POLICY announcement_draft ON announcement FOR INSERT
    WITH CHECK (state = 'DRAFT' AND kit.in_scope(issuer_path, '', ''));
CREATE POLICY announcement_change ON announcement FOR UPDATE
    USING (kit.in_scope(issuer_path, '', ''));

REVOKE DELETE ON announcement FROM :app;
