-- Bounds of rules that are no number: the values to choose from.
ALTER TABLE rule_bound ADD COLUMN choices text[] NOT NULL DEFAULT '{}';
