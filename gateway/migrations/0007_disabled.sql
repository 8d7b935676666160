-- An account that may do nothing: who said so, and the blind index of that person's number.
ALTER TABLE grants
    ADD COLUMN disabled_by text NOT NULL DEFAULT '',
    ADD COLUMN disabled_key text NOT NULL DEFAULT '';
