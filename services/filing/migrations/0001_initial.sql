-- Filing: the case, its history, public names, counters, rule settings. `:app` is the application role.
CREATE TABLE filing (
    filing_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL UNIQUE,
    version integer NOT NULL CHECK (version > 0),
    fact_version integer NOT NULL CHECK (fact_version >= 0),
    state text NOT NULL,
    owner text NOT NULL,
    province text COLLATE "C" NOT NULL,
    city text COLLATE "C" NOT NULL,
    county text COLLATE "C" NOT NULL,
    authority text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    name text NOT NULL,
    form jsonb NOT NULL,
    persons bytea NOT NULL,
    person_keys text[] NOT NULL,
    materials jsonb NOT NULL,
    application_no text UNIQUE,
    received_on date,
    rules jsonb,
    rule_version text NOT NULL,
    pledge_version text NOT NULL,
    size_class text NOT NULL,
    member_mix text NOT NULL,
    opinion_due date,
    village_opinion text NOT NULL,
    village_opinion_text text NOT NULL,
    review_from date,
    correction_due date,
    correction_items text[] NOT NULL,
    pauses jsonb NOT NULL,
    notice_ends date,
    decide_due date,
    provisional boolean NOT NULL,
    proposal jsonb,
    proposed_by text NOT NULL,
    decision text NOT NULL,
    refusal_grounds text[] NOT NULL,
    reason text NOT NULL,
    filing_no text UNIQUE,
    printed_no text NOT NULL,
    decided_on date,
    valid_to date,
    timer_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX filing_owner ON filing (owner, filing_id);
CREATE INDEX filing_authority ON filing (authority, filing_id);
CREATE INDEX filing_county ON filing (county, filing_id);
CREATE INDEX filing_city ON filing (city, filing_id);
CREATE INDEX filing_province ON filing (province, filing_id);
CREATE INDEX filing_community ON filing (community, filing_id);
CREATE INDEX filing_timer_on ON filing (timer_on) WHERE timer_on IS NOT NULL;

CREATE TABLE filing_step (
    filing_id uuid NOT NULL REFERENCES filing,
    ordinal integer NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    role text NOT NULL,
    business_on date NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    rule_version text NOT NULL,
    owner text NOT NULL,
    organization_id uuid NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    PRIMARY KEY (filing_id, ordinal)
);

-- Names of filed organizations: public, without row security, so that every applicant meets them.
CREATE TABLE filing_name (
    filing_id uuid PRIMARY KEY,
    county text COLLATE "C" NOT NULL,
    name_key text NOT NULL,
    name text NOT NULL,
    UNIQUE (county, name_key)
);

CREATE TABLE counter (
    name text PRIMARY KEY,
    last integer NOT NULL CHECK (last > 0)
);

CREATE TABLE rule_setting (
    key text NOT NULL,
    region_path text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    value text NOT NULL,
    basis text NOT NULL CHECK (basis <> ''),
    PRIMARY KEY (key, region_path, effective_from)
);

ALTER TABLE filing ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_scope ON filing
    USING (kit.in_scope(region_path, owner, organization_id::text));
ALTER TABLE filing_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_step FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_step_scope ON filing_step
    USING (kit.in_scope(region_path, owner, organization_id::text));

REVOKE DELETE ON filing FROM :app;
REVOKE UPDATE, DELETE ON filing_step FROM :app;
REVOKE DELETE ON counter FROM :app;
