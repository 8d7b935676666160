-- Signed-on browsers. `digest` is the SHA-256 of the cookie, `tokens` the issuer's, encrypted.
-- A session that ended is a row that is gone; the audit trail tells of it.
CREATE TABLE session (
    session_id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    account text NOT NULL CHECK (account <> ''),
    post text NOT NULL,
    assured boolean NOT NULL,
    issuer_session text NOT NULL,
    acr text NOT NULL,
    authenticated_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    refresh_at timestamptz NOT NULL,
    tokens bytea NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_issuer_session ON session (issuer_session);
CREATE INDEX session_seen_at ON session (seen_at);
