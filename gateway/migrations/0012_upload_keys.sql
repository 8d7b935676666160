-- An upload may carry a key of the caller: the same key with the same bytes is the same file.
-- `sent_sha256` is of the bytes as they were sent; pictures are kept without place and device.
ALTER TABLE upload
    ADD COLUMN request_key uuid,
    ADD COLUMN sent_sha256 text CHECK (sent_sha256 ~ '^[0-9a-f]{64}$'),
    ADD CHECK ((request_key IS NULL) = (sent_sha256 IS NULL));
CREATE UNIQUE INDEX upload_request_key ON upload (account, request_key) WHERE request_key IS NOT NULL;
