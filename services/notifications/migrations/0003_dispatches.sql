-- What leaves the platform by SMS and mail. Addresses stay in `contact`: here are ids and states only.
ALTER TABLE contact ADD COLUMN channels text[] NOT NULL DEFAULT '{}';
ALTER TABLE contact ADD COLUMN only_necessary boolean NOT NULL DEFAULT false;
ALTER TABLE contact ADD COLUMN daily boolean NOT NULL DEFAULT false;

-- Messages to one account by one way that become due at the same time leave together.
CREATE TABLE dispatch (
    dispatch_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    channel text NOT NULL CHECK (channel IN ('SMS', 'MAIL')),
    urgent boolean NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'WAITING'
        CHECK (state IN ('WAITING', 'RELEASED', 'KEPT', 'ACCEPTED', 'DELIVERED', 'FAILED')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    reason text NOT NULL DEFAULT '' CHECK (reason ~ '^[A-Z0-9_]{0,40}$'),
    settled_at timestamptz
);
CREATE UNIQUE INDEX dispatch_gathered ON dispatch (account, channel, due_at) WHERE state = 'WAITING';
CREATE INDEX dispatch_due ON dispatch (due_at) WHERE state = 'WAITING';
CREATE INDEX dispatch_account ON dispatch (account, dispatch_id);

CREATE TABLE dispatched (
    dispatch_id uuid NOT NULL REFERENCES dispatch,
    message_id uuid NOT NULL REFERENCES message,
    template text NOT NULL,
    PRIMARY KEY (dispatch_id, message_id)
);

-- The platform itself plans, releases and settles; the owner of the account looks.
ALTER TABLE dispatch ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch FORCE ROW LEVEL SECURITY;
CREATE POLICY dispatch_own ON dispatch FOR SELECT USING (own_account(account));
CREATE POLICY dispatch_platform ON dispatch
    USING (current_setting('minzheng.scope', true) = 'r:/');
ALTER TABLE dispatched ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatched FORCE ROW LEVEL SECURITY;
CREATE POLICY dispatched_seen ON dispatched FOR SELECT
    USING (EXISTS (SELECT FROM dispatch d WHERE d.dispatch_id = dispatched.dispatch_id));
CREATE POLICY dispatched_platform ON dispatched FOR INSERT
    WITH CHECK (current_setting('minzheng.scope', true) = 'r:/');
-- What a person wants is looked at when a message to the account is planned; the cells stay sealed.
CREATE POLICY contact_choice ON contact FOR SELECT
    USING (current_setting('minzheng.scope', true) = 'r:/');

REVOKE DELETE ON dispatch FROM :app;
REVOKE UPDATE, DELETE ON dispatched FROM :app;
