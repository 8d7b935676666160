-- Tables every workload's database has: business clock, idempotency, audit. `:app` is the application role.
CREATE SCHEMA kit;
GRANT USAGE ON SCHEMA kit TO :app;

CREATE TABLE kit.clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    shift_days integer NOT NULL DEFAULT 0 CHECK (shift_days >= 0)
);
INSERT INTO kit.clock DEFAULT VALUES;

CREATE TABLE kit.request (
    subject text NOT NULL,
    method text NOT NULL,
    key uuid NOT NULL,
    digest bytea NOT NULL,
    response bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, method, key)
);
CREATE INDEX request_created_at ON kit.request (created_at);

CREATE TABLE kit.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    business_on date,
    subject text NOT NULL,
    role text NOT NULL,
    post_id text NOT NULL,
    action text NOT NULL,
    object_id text NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    rule_version text NOT NULL,
    decision_id uuid NOT NULL,
    traceparent text NOT NULL
);
CREATE INDEX audit_object_id ON kit.audit (object_id, id);

-- The scope of the caller is set by the statement itself: 'r:<path>' a subtree, 's:<account>' own things,
-- 'o:<organization>' an organization's own. Missing, empty or malformed means nothing is visible.
CREATE FUNCTION kit.in_scope(path text, owner text, organization text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    scope text := current_setting('minzheng.scope', true);
    value text := substr(scope, 3);
BEGIN
    IF scope IS NULL OR value = '' THEN
        RETURN false;
    END IF;
    CASE left(scope, 2)
        WHEN 'r:' THEN RETURN left(value, 1) = '/' AND right(value, 1) = '/' AND starts_with(path, value);
        WHEN 's:' THEN RETURN owner = value;
        WHEN 'o:' THEN RETURN organization = value;
        ELSE RETURN false;
    END CASE;
END $$;

REVOKE ALL ON kit.clock, kit.request, kit.audit FROM :app;
GRANT SELECT ON kit.clock TO :app;
GRANT SELECT, INSERT, DELETE ON kit.request TO :app;
GRANT SELECT, INSERT ON kit.audit TO :app;
