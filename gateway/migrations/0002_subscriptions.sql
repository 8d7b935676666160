-- Organization changes for other departments: state now, and the feed in commit order. Public fields only.
CREATE TABLE feed_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO feed_head DEFAULT VALUES;

CREATE TABLE organization_state (
    organization_id uuid PRIMARY KEY,
    region_path text COLLATE "C" NOT NULL,
    sequence integer NOT NULL CHECK (sequence > 0),
    state bytea NOT NULL
);
CREATE INDEX organization_state_region ON organization_state (region_path, organization_id);

-- The position comes from the head row, locked until commit: commit order without gaps, so a reader
-- that goes on from a position cannot lose a row (a sequence would hand out positions that commit late).
CREATE TABLE feed (
    position bigint PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    organization_id uuid NOT NULL,
    sequence integer NOT NULL,
    type text NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    traceparent text NOT NULL,
    state bytea NOT NULL,
    UNIQUE (organization_id, sequence)
);

ALTER TABLE organization_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_state FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_state_scope ON organization_state USING (kit.in_scope(region_path, '', ''));
ALTER TABLE feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed FORCE ROW LEVEL SECURITY;
CREATE POLICY feed_scope ON feed USING (kit.in_scope(region_path, '', ''));

REVOKE INSERT, DELETE ON feed_head FROM :app;
REVOKE UPDATE, DELETE ON feed FROM :app;
