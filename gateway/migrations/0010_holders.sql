-- Who holds a post, where the grant stated it: the encrypted identity number and its blind indexes, so
-- that one person with two accounts is one person to every rule.
ALTER TABLE post
    ADD COLUMN id_number bytea,
    ADD COLUMN person_keys text[] NOT NULL DEFAULT '{}',
    ADD CHECK ((id_number IS NULL) = (person_keys = '{}'));
ALTER TABLE post DROP COLUMN person_key;
