-- Tamper evidence: a MAC in every audit row, a chain over all rows, signed checkpoints.
ALTER TABLE kit.audit
    ADD COLUMN service text NOT NULL DEFAULT '',
    ADD COLUMN key_id integer NOT NULL DEFAULT 0,
    ADD COLUMN mac bytea NOT NULL DEFAULT '',
    ADD COLUMN sealed boolean NOT NULL DEFAULT false;
CREATE INDEX audit_unsealed ON kit.audit (id) WHERE NOT sealed;

CREATE TABLE kit.audit_chain (
    number bigint PRIMARY KEY CHECK (number > 0),
    audit_id bigint NOT NULL UNIQUE,
    digest bytea NOT NULL,
    link bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE kit.audit_checkpoint (
    number bigint PRIMARY KEY,
    line text NOT NULL
);

REVOKE ALL ON kit.audit, kit.audit_chain, kit.audit_checkpoint FROM :app;
GRANT SELECT, INSERT ON kit.audit, kit.audit_chain, kit.audit_checkpoint TO :app;
-- The one column that says "in the chain"; it is no part of what is sealed.
GRANT UPDATE (sealed) ON kit.audit TO :app;
