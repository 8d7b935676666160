-- The embedded event log: topics, records with gap-free offsets, offsets of groups. `:app` is the application role.
CREATE SCHEMA log;
GRANT USAGE ON SCHEMA log TO :app;

CREATE TABLE log.topic (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 2000000),
    name text COLLATE "C" NOT NULL UNIQUE,
    partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1000)
);

-- The head of a partition is locked while records are appended: offsets have no gap and commit in their order.
CREATE TABLE log.head (
    topic_id integer NOT NULL REFERENCES log.topic,
    partition integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, partition)
) WITH (fillfactor = 50);

CREATE TABLE log.record (
    topic_id integer NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    headers json NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic_id, partition, "offset")
);

CREATE TABLE log.committed (
    consumer_group text COLLATE "C" NOT NULL,
    topic_id integer NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer_group, topic_id, partition),
    FOREIGN KEY (topic_id, partition) REFERENCES log.head
) WITH (fillfactor = 50);

-- Appends records in the given order, all or none. Heads are locked in one order, so two appends never deadlock.
CREATE FUNCTION log.append(of_topic integer, partitions integer[], keys text[], payloads bytea[], names json[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM 1 FROM log.head h WHERE h.topic_id = of_topic AND h.partition = ANY (partitions)
        ORDER BY h.partition FOR NO KEY UPDATE;
    INSERT INTO log.record (topic_id, partition, "offset", key, value, headers)
        SELECT of_topic, i.partition, h.next_offset - 1 + row_number() OVER (PARTITION BY i.partition ORDER BY i.place),
               i.key, i.payload, i.names
        FROM unnest(partitions, keys, payloads, names) WITH ORDINALITY AS i (partition, key, payload, names, place)
        JOIN log.head h ON h.topic_id = of_topic AND h.partition = i.partition;
    UPDATE log.head h SET next_offset = h.next_offset + n.count
        FROM (SELECT p, count(*) FROM unnest(partitions) p GROUP BY p) n
        WHERE h.topic_id = of_topic AND h.partition = n.p;
    PERFORM pg_notify('log', of_topic::text);
END $$;

REVOKE ALL ON log.topic, log.head, log.record, log.committed FROM :app;
GRANT SELECT, INSERT ON log.topic, log.record TO :app;
GRANT SELECT, INSERT, UPDATE ON log.head, log.committed TO :app;
