-- Validity ends, renewal, expiry: the first day for renewal, the last application, when a name is free again.
ALTER TABLE filing
    ADD COLUMN renew_from date,
    ADD COLUMN renewal jsonb;
ALTER TABLE filing_name ADD COLUMN free_on date;
CREATE INDEX filing_name_free_on ON filing_name (free_on) WHERE free_on IS NOT NULL;

-- Cases received before have the default of the table of rules among the rules that judge them.
SELECT set_config('minzheng.scope', 'r:/', true);
UPDATE filing SET rules = rules || jsonb_build_array(jsonb_build_object(
    'key', 'FIL.RENEW_BEFORE_D', 'value', '30', 'type', 'int', 'basis', 'S04 (apply 15 days before)',
    'region_path', '/460000000000/', 'effective_from', NULL, 'lowered_class', ''))
    WHERE rules IS NOT NULL AND NOT rules @> '[{"key": "FIL.RENEW_BEFORE_D"}]';
UPDATE filing SET renew_from = valid_to - 30, timer_on = valid_to - 30
    WHERE state = 'FILED' AND valid_to IS NOT NULL;
