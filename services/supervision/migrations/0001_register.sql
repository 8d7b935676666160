-- The public register: what an organization is found by now, and every state it has had. It holds
-- public fields only, so it has no row security. `:app` is the application role.
CREATE TABLE organization (
    organization_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    status text NOT NULL,
    category text NOT NULL,
    filing_no text NOT NULL,
    name_key text NOT NULL,
    province text COLLATE "C" NOT NULL,
    city text COLLATE "C" NOT NULL,
    county text COLLATE "C" NOT NULL,
    township text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL
);
CREATE INDEX organization_filing_no ON organization (filing_no);
-- The first bits of an id (UUIDv7) are its age: a new one begins every hundred days.
CREATE FUNCTION age_of(organization_id uuid) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ('x' || left(organization_id::text, 4))::bit(16)::integer / 2
$$;
-- What a search finds an organization by: pairs and triples of its name; codes of its places, status
-- and category; its age. Kept in the index alone, so that rows stay short.
CREATE FUNCTION found_by(organization_id uuid, name_key text, codes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
SELECT array_append(codes || ARRAY(
    SELECT substr(name_key, at, size) FROM (VALUES (2), (3)) AS run (size),
    generate_series(1, length(name_key) - size + 1) AS at), '#' || public.age_of(organization_id))
$$;
CREATE INDEX organization_found_by ON organization
    USING gin (found_by(organization_id, name_key,
        ARRAY[province, city, county, township, community, status, category]));

CREATE TABLE register_state (
    organization_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    cause text NOT NULL,
    since date NOT NULL,
    status text NOT NULL,
    regime text NOT NULL,
    name text NOT NULL,
    organization_class text NOT NULL,
    category text NOT NULL,
    field_codes text[] NOT NULL,
    target_groups text[] NOT NULL,
    filing_no text NOT NULL,
    printed_no text NOT NULL,
    community_code text NOT NULL,
    authority_code text NOT NULL,
    filed_on date NOT NULL,
    valid_to date,
    PRIMARY KEY (organization_id, version)
);

REVOKE DELETE ON organization FROM :app;
REVOKE UPDATE, DELETE ON register_state FROM :app;
