-- Objections, guidance, reminders, the clerk in charge; search by name beside the protected table.
ALTER TABLE filing
    ADD COLUMN notice_left integer NOT NULL DEFAULT 0 CHECK (notice_left >= 0),
    ADD COLUMN objections bytea,
    ADD COLUMN open_objections integer NOT NULL DEFAULT 0 CHECK (open_objections >= 0),
    ADD COLUMN guidance jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN handler text NOT NULL DEFAULT '',
    ADD COLUMN reminded jsonb NOT NULL DEFAULT '{}';
CREATE INDEX filing_handler ON filing (authority, handler, filing_id) WHERE handler <> '';

-- Names without row security (the operators of its index are not leakproof); every search joins back to the protected table.
CREATE TABLE filing_search (
    filing_id uuid PRIMARY KEY,
    name_key text NOT NULL,
    grams text[] NOT NULL
);
CREATE INDEX filing_search_grams ON filing_search USING gin (grams);

-- `timer_on` was the day after which the platform acts; it is the first day on which it acts.
SELECT set_config('minzheng.scope', 'r:/', true);
UPDATE filing SET timer_on = timer_on + 1 WHERE timer_on IS NOT NULL;
INSERT INTO filing_search (filing_id, name_key, grams)
SELECT filing_id, key, ARRAY(SELECT DISTINCT substr(key, i, 2) FROM generate_series(1, length(key) - 1) AS i)
FROM filing, regexp_replace(normalize(name, NFKC), '[\W_]+', '', 'g') AS key
WHERE application_no IS NOT NULL;

CREATE INDEX audit_reveals ON kit.audit (subject, at) WHERE action = 'reveal_personal' AND outcome = 'done';

REVOKE UPDATE, DELETE ON filing_search FROM :app;
