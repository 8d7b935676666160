-- Letters of a filing: asked for in the statement that takes the step, printed later by a timer.
CREATE TABLE filing_letter (
    letter_id uuid PRIMARY KEY,
    filing_id uuid NOT NULL REFERENCES filing,
    owner text NOT NULL,
    organization_id uuid NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    edition text NOT NULL,
    number text NOT NULL,
    code text NOT NULL UNIQUE,
    organization text NOT NULL,
    authority text COLLATE "C" NOT NULL,
    issued_on date NOT NULL,
    standing text NOT NULL,
    ended_on date,
    data bytea,
    stored boolean NOT NULL DEFAULT false,
    printed_at timestamptz,
    pdf_sha256 text NOT NULL DEFAULT '',
    pdf_size integer NOT NULL DEFAULT 0,
    docx_sha256 text NOT NULL DEFAULT '',
    docx_size integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    try_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX filing_letter_of ON filing_letter (filing_id, letter_id);
CREATE INDEX filing_letter_number ON filing_letter (number);
-- What the press has before it, and what it has to take out of the store.
CREATE INDEX filing_letter_to_print ON filing_letter (try_at) WHERE data IS NOT NULL AND NOT stored;
CREATE INDEX filing_letter_to_remove ON filing_letter (letter_id) WHERE data IS NULL AND stored;

ALTER TABLE filing_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_letter_scope ON filing_letter
    USING (kit.in_scope(region_path, owner, organization_id::text));

REVOKE DELETE ON filing_letter FROM :app;
