-- Notifications: messages, who has read them, contacts. `:app` is the application role.

-- A message goes to an account or to (role, node), never to both. `node_path` is the node's path in
-- the management tree, for row security only.
CREATE TABLE message (
    message_id uuid PRIMARY KEY,
    to_account text NOT NULL,
    to_role text NOT NULL,
    to_node text COLLATE "C" NOT NULL CHECK (to_node ~ '^([0-9]{12})?$'),
    node_path text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    template text NOT NULL,
    template_version integer NOT NULL CHECK (template_version > 0),
    about text NOT NULL,
    event_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    sent_at timestamptz NOT NULL,
    CONSTRAINT message_event UNIQUE (event_id, ordinal),
    CONSTRAINT message_address CHECK (
        (to_account = '') <> (to_role = '')
        AND (to_role = '') = (to_node = '')
        AND (to_node = '') = (node_path = '')
    )
);
CREATE INDEX message_to_account ON message (to_account, message_id);
CREATE INDEX message_to_post ON message (to_node, to_role, message_id);

-- Read marks are personal: two holders of a post read the same message each for themselves.
CREATE TABLE read_mark (
    message_id uuid NOT NULL REFERENCES message,
    account text NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, account)
);

-- Cells are encrypted under the row's account; `phone_index` is a blind index, empty without phone.
CREATE TABLE contact (
    account text PRIMARY KEY CHECK (account <> ''),
    name_cell bytea,
    phone_cell bytea,
    email_cell bytea,
    phone_index text NOT NULL,
    version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX contact_phone_index ON contact (phone_index);

-- An official has two inboxes at once, his account's and his post's, but `minzheng.scope` names one
-- reach. So the account comes in a setting of its own, made by the same statement as the scope.
-- Missing or empty means that nothing is visible.
CREATE FUNCTION own_account(account text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN account <> '' AND account = coalesce(current_setting('minzheng.account', true), '');
END $$;

-- Under a post the scope is the subtree of its node, so row security alone lets through what goes to
-- every role at and below the node. It is the outer fence against other regions and other people's
-- accounts; the one role and node of the post are chosen by the filter of each query.
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
CREATE POLICY message_read ON message FOR SELECT
    USING (own_account(to_account) OR kit.in_scope(node_path, '', ''));
-- Only the platform itself, which acts from the root, writes messages.
CREATE POLICY message_write ON message FOR INSERT
    WITH CHECK (current_setting('minzheng.scope', true) = 'r:/');
ALTER TABLE read_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE read_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY read_mark_own ON read_mark USING (own_account(account));
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact FORCE ROW LEVEL SECURITY;
CREATE POLICY contact_own ON contact USING (own_account(account));

REVOKE UPDATE, DELETE ON message FROM :app;
REVOKE UPDATE, DELETE ON read_mark FROM :app;
