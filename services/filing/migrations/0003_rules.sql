-- Rules with a class of activity and a structured basis; bounds; a number that says whether a cached book is current.
ALTER TABLE rule_setting
    ADD COLUMN lowered_class text NOT NULL DEFAULT '',
    ADD COLUMN document jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN setting_id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE rule_setting DROP CONSTRAINT rule_setting_pkey;
ALTER TABLE rule_setting ADD PRIMARY KEY (key, region_path, lowered_class, effective_from);

CREATE TABLE rule_bound (
    key text NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    lowest integer NOT NULL,
    highest integer NOT NULL CHECK (highest >= lowest),
    basis text NOT NULL CHECK (basis <> ''),
    document jsonb NOT NULL,
    PRIMARY KEY (key, region_path, effective_from)
);

CREATE TABLE rule_book (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL
);
INSERT INTO rule_book (version) VALUES (1);
-- Whoever changes a rule, the book gets a new number in the same transaction.
CREATE FUNCTION rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rule_book SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER rule_setting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_setting
    FOR EACH STATEMENT EXECUTE FUNCTION rule_changed();
CREATE TRIGGER rule_bound_changed AFTER INSERT OR TRUNCATE ON rule_bound
    FOR EACH STATEMENT EXECUTE FUNCTION rule_changed();

REVOKE UPDATE, DELETE ON rule_bound FROM :app;
REVOKE UPDATE ON rule_setting FROM :app;
REVOKE INSERT, DELETE ON rule_book FROM :app;
