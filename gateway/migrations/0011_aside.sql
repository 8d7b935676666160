-- Forms put aside while a person signs in again: whose, of which page (SHA-256), encrypted. Read once.
CREATE TABLE aside (
    aside_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    page text NOT NULL CHECK (length(page) = 64),
    typed bytea NOT NULL,
    kept_at timestamptz NOT NULL
);
CREATE INDEX aside_kept_at ON aside (kept_at);
