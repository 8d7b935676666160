-- Filters of lists that a person saved: whose, of which list, name and conditions encrypted; twenty places each.
CREATE TABLE saved_filter (
    saved_id uuid PRIMARY KEY,
    account text NOT NULL CHECK (account <> ''),
    place bigint NOT NULL CHECK (place BETWEEN 1 AND 20),
    page text NOT NULL CHECK (page LIKE '/%'),
    told bytea NOT NULL,
    UNIQUE (account, place)
);
