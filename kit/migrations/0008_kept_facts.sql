-- Facts a read side was built from, without accounts: from them it is built again (`minzheng rebuild`).
CREATE TABLE IF NOT EXISTS kit.kept_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    aggregate text NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS kept_fact_aggregate ON kit.kept_fact (aggregate);

REVOKE ALL ON kit.kept_fact FROM :app;
GRANT SELECT, INSERT ON kit.kept_fact TO :app;
