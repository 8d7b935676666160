-- Facts on their way: out (outbox) and in (inbox, position, waiting, parked). `:app` is the application role.
CREATE TABLE kit.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    aggregate_version integer NOT NULL CHECK (aggregate_version > 0),
    partition_key text NOT NULL,
    type text NOT NULL,
    schema_version integer NOT NULL,
    payload bytea NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    UNIQUE (aggregatetype, aggregateid, aggregate_version)
);
-- The relay reads what is unpublished in the order of id; a cursor on id would lose rows that commit late.
CREATE INDEX outbox_unpublished ON kit.outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON kit.outbox (published_at);

-- Facts taken in charge: applied, ignored, waiting or parked. What is here is never taken twice.
CREATE TABLE kit.inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received_at ON kit.inbox (received_at);

-- Last fact of an aggregate that was applied or ignored; 0 before the first.
CREATE TABLE kit.position (
    consumer text NOT NULL,
    topic text NOT NULL,
    aggregate text NOT NULL,
    version integer NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, topic, aggregate)
) WITH (fillfactor = 80);

-- Facts set aside: behind a gap, or failed and to be tried again at due_at.
CREATE TABLE kit.waiting (
    consumer text NOT NULL,
    topic text NOT NULL,
    aggregate text NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL,
    headers json NOT NULL,
    reason text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, aggregate, version)
);

-- Facts given up until a person replays them; version is null for a record that is no fact.
CREATE TABLE kit.parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL,
    topic text NOT NULL,
    aggregate text NOT NULL,
    version integer,
    key text NOT NULL,
    value bytea NOT NULL,
    headers json NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer, topic, aggregate, version)
);

REVOKE ALL ON kit.outbox, kit.inbox, kit.position, kit.waiting, kit.parked FROM :app;
GRANT SELECT, INSERT, DELETE, UPDATE (published_at) ON kit.outbox TO :app;
GRANT SELECT, INSERT, DELETE ON kit.inbox, kit.parked TO :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON kit.position, kit.waiting TO :app;
