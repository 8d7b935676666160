-- A post is proposed, confirmed by a second person, and ends. `granted_by` proposed it. A delegation
-- names the post it comes from and whom its holder acts for; an import brings many posts at once.
CREATE TABLE post_import (
    import_id uuid PRIMARY KEY,
    region_path text COLLATE "C" NOT NULL CHECK (region_path LIKE '/%/'),
    rows integer NOT NULL CHECK (rows > 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    proposed_key text NOT NULL,
    proposed_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    declined_at timestamptz,
    closed_by text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    CHECK (num_nonnulls(confirmed_at, declined_at) = (closed_by <> '')::integer),
    CHECK (confirmed_at IS NULL OR closed_by <> proposed_by)
);
-- A file is known by its content, unless it was declined.
CREATE UNIQUE INDEX post_import_file ON post_import (sha256) WHERE declined_at IS NULL;

ALTER TABLE post_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE post_import FORCE ROW LEVEL SECURITY;
CREATE POLICY post_import_scope ON post_import USING (kit.in_scope(region_path, '', ''));
REVOKE DELETE ON post_import FROM :app;

ALTER TABLE post
    ADD COLUMN granted_key text NOT NULL DEFAULT '',
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_by text NOT NULL DEFAULT '',
    ADD COLUMN delegated_from uuid REFERENCES post,
    ADD COLUMN delegator text NOT NULL DEFAULT '',
    ADD COLUMN delegator_key text NOT NULL DEFAULT '',
    ADD COLUMN import_id uuid REFERENCES post_import;
-- What was granted before there was a second person stays in force.
SELECT set_config('minzheng.scope', 'r:/', true);
UPDATE post SET confirmed_at = created_at, confirmed_by = 'system:migration';
ALTER TABLE post
    ADD CHECK ((confirmed_at IS NULL) = (confirmed_by = '')),
    ADD CHECK (confirmed_by <> account),
    -- The platform acts alone, people never do.
    ADD CHECK (confirmed_by = '' OR confirmed_by <> granted_by OR granted_by = 'seed' OR granted_by LIKE 'system:%'),
    ADD CHECK ((delegated_from IS NULL) = (delegator = '')),
    ADD CHECK (delegated_from IS NULL OR (valid_to IS NOT NULL AND delegator <> account));
CREATE INDEX post_delegated ON post (delegated_from) WHERE delegated_from IS NOT NULL;
CREATE INDEX post_delegator ON post (delegator) WHERE delegator <> '';
CREATE INDEX post_import_posts ON post (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX post_waiting ON post (post_id) WHERE confirmed_at IS NULL AND revoked_at IS NULL;
DROP INDEX post_one_admin;
CREATE UNIQUE INDEX post_one_admin ON post (account)
    WHERE confirmed_at IS NOT NULL AND revoked_at IS NULL
    AND role IN ('SYS_ADMIN', 'SEC_ADMIN', 'AUDIT_ADMIN');

-- Who delegates sees what became of it.
DROP POLICY post_scope ON post;
CREATE POLICY post_scope ON post USING (
    kit.in_scope(region_path, account, organization_id)
    OR (delegator <> '' AND kit.in_scope(region_path, delegator, organization_id))
);
