-- Posts (岗位): person × role × place × validity. `:app` is the application role.
CREATE TABLE post (
    post_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    role text NOT NULL,
    region_code text COLLATE "C" NOT NULL,
    region_path text COLLATE "C" NOT NULL CHECK (region_path LIKE '/%/'),
    organization_id text NOT NULL,
    person_key text NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    granted_by text NOT NULL CHECK (granted_by <> account),
    revoked_at timestamptz,
    revoked_by text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((revoked_at IS NULL) = (revoked_by = '')),
    CHECK ((role IN ('ORG_OWNER', 'ORG_STAFF')) <= (organization_id <> ''))
);
CREATE INDEX post_account ON post (account);
-- The three administrators are three persons: an account holds one such post at most.
CREATE UNIQUE INDEX post_one_admin ON post (account)
    WHERE revoked_at IS NULL AND role IN ('SYS_ADMIN', 'SEC_ADMIN', 'AUDIT_ADMIN');

-- Lowest grants version still accepted for an account; it counts every change of its posts.
CREATE TABLE grants (
    account text PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0)
);

ALTER TABLE post ENABLE ROW LEVEL SECURITY;
ALTER TABLE post FORCE ROW LEVEL SECURITY;
CREATE POLICY post_scope ON post USING (kit.in_scope(region_path, account, organization_id));

REVOKE DELETE ON post, grants FROM :app;
