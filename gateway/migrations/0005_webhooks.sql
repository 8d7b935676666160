-- Departments' own addresses: who subscribed to what, and every event on its way there.
CREATE TABLE subscription (
    subscription_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    region_code text COLLATE "C" NOT NULL,
    region_path text COLLATE "C" NOT NULL CHECK (region_path LIKE '/%/'),
    types text[] NOT NULL CHECK (cardinality(types) > 0),
    purpose text NOT NULL,
    url text NOT NULL,
    networks text[] NOT NULL CHECK (cardinality(networks) > 0),
    requested_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'REFUSED', 'LIVE', 'PAUSED', 'ENDED')),
    version integer NOT NULL CHECK (version > 0),
    fact_version integer NOT NULL CHECK (fact_version > 0),
    decided_by text NOT NULL,
    reason text NOT NULL,
    stopped_by text NOT NULL,
    secret_cell bytea,
    former_cell bytea,
    former_until timestamptz,
    live_from bigint,
    failures integer NOT NULL CHECK (failures >= 0),
    failing_since timestamptz,
    held_until timestamptz,
    -- Two persons register an address; only a signed subscription delivers.
    CONSTRAINT subscription_second_person CHECK (decided_by <> account),
    CHECK (state IN ('REQUESTED', 'ENDED') OR decided_by <> ''),
    CHECK (state NOT IN ('LIVE', 'PAUSED') OR (secret_cell IS NOT NULL AND live_from IS NOT NULL))
);
CREATE INDEX subscription_account ON subscription (account, subscription_id);
CREATE INDEX subscription_live ON subscription (subscription_id) WHERE state IN ('LIVE', 'PAUSED');

-- `number` is drawn under the lock of the feed's head, so it follows the order of the feed. `claim` names
-- the attempt that is under way; a claim that ran out was a process that died.
CREATE TABLE delivery (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscription,
    position bigint NOT NULL REFERENCES feed,
    organization_id uuid NOT NULL,
    redelivery boolean NOT NULL,
    delivered boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    claim uuid,
    claimed_until timestamptz,
    outcome text NOT NULL DEFAULT '',
    status integer NOT NULL DEFAULT 0,
    tried_at timestamptz
);
CREATE INDEX delivery_due ON delivery (subscription_id, due_at) WHERE NOT delivered;
CREATE INDEX delivery_order ON delivery (subscription_id, organization_id, number) WHERE NOT delivered;
CREATE INDEX delivery_listed ON delivery (subscription_id, number);

-- How far the feed has been written to the public topics of the log. Positions are given out in commit
-- order without gaps, so a cursor loses nothing here.
CREATE TABLE published (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO published DEFAULT VALUES;

ALTER TABLE subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY subscription_scope ON subscription USING (kit.in_scope(region_path, account, ''));
-- A delivery is seen with its subscription.
ALTER TABLE delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY delivery_scope ON delivery
    USING (EXISTS (SELECT FROM subscription s WHERE s.subscription_id = delivery.subscription_id));

REVOKE DELETE ON subscription, delivery FROM :app;
REVOKE INSERT, DELETE ON published FROM :app;
