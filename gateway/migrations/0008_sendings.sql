-- What is on its way to SMS gateway and mail server: ids and attempts. Texts and addresses stay with
-- notifications; a row goes when its end was reported there.
CREATE TABLE sending (
    dispatch_id uuid PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('SMS', 'MAIL')),
    urgent boolean NOT NULL,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- What became of it, once that is known and until it is reported.
    state text NOT NULL DEFAULT '' CHECK (state IN ('', 'KEPT', 'ACCEPTED', 'FAILED')),
    reason text NOT NULL DEFAULT '',
    claim uuid,
    claimed_until timestamptz
);
CREATE INDEX sending_due ON sending (channel, due_at);

-- How a far end fares, and how far its receipts were read.
CREATE TABLE far_end (
    channel text PRIMARY KEY CHECK (channel IN ('SMS', 'MAIL')),
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since timestamptz,
    held_until timestamptz,
    receipts_after text NOT NULL DEFAULT ''
);
