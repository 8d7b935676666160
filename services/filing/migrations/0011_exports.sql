-- Exports of the list: asked for by an officer, made in the background with the reach of that moment.
CREATE TABLE filing_export (
    export_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('WAITING', 'RUNNING', 'DONE', 'CANCELLED', 'FAILED', 'OVER')),
    owner text NOT NULL,
    region_path text COLLATE "C" NOT NULL CHECK (region_path LIKE '/%/'),
    post text NOT NULL,
    format text NOT NULL CHECK (format IN ('XLSX', 'CSV')),
    conditions jsonb NOT NULL,
    reach jsonb NOT NULL,
    total integer NOT NULL DEFAULT 0 CHECK (total >= 0),
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    kept_until date,
    sha256 text NOT NULL DEFAULT '',
    size integer NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    downloads integer NOT NULL DEFAULT 0,
    CHECK ((state = 'DONE') <= (kept_until IS NOT NULL AND sha256 <> ''))
);
CREATE INDEX filing_export_own ON filing_export (owner, export_id);
CREATE INDEX filing_export_open ON filing_export (export_id) WHERE state IN ('WAITING', 'RUNNING');
CREATE INDEX filing_export_kept ON filing_export (kept_until) WHERE state = 'DONE';

ALTER TABLE filing_export ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_export FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_export_scope ON filing_export USING (kit.in_scope(region_path, owner, ''));

REVOKE DELETE ON filing_export FROM :app;
