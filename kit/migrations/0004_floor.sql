-- Lowest grants version still accepted in a token of an account. A token lives for a minute, so a row
-- matters for two; retention removes it.
CREATE TABLE kit.floor (
    account text PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX floor_raised_at ON kit.floor (raised_at);

REVOKE ALL ON kit.floor FROM :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON kit.floor TO :app;
