-- What the daily walk along the audit chain found: one row a walk. Beside the audit rows, whose writing it does not touch.
CREATE TABLE kit.audit_check (
    began_at timestamptz PRIMARY KEY,
    ended_at timestamptz NOT NULL,
    whole boolean NOT NULL,
    rows bigint NOT NULL,
    checkpoints integer NOT NULL,
    unsealed integer NOT NULL,
    finding text NOT NULL,
    CHECK (whole = (finding = ''))
);

REVOKE ALL ON kit.audit_check FROM :app;
GRANT SELECT, INSERT ON kit.audit_check TO :app;
