-- Stored files. A row comes before its file and goes after it. `offered_at` is set before the receipt is
-- sent to a service for the first time; files without it are removed after 7 days.
CREATE TABLE upload (
    file_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    offered_at timestamptz
);
CREATE INDEX upload_not_offered ON upload (uploaded_at) WHERE offered_at IS NULL;

ALTER TABLE upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE upload FORCE ROW LEVEL SECURITY;
-- A person's own, or the platform itself, whose scope is the whole tree.
CREATE POLICY upload_scope ON upload USING (kit.in_scope('/', account, ''));
