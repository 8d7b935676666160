-- The key of a file's content, sealed under the field key in use; without one the file lies as it came.
ALTER TABLE upload ADD COLUMN IF NOT EXISTS content_key bytea;
