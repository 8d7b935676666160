-- A mark enters no tree of publishing times anew: facts are published in about the order in which they lie.
DROP INDEX kit.outbox_published_at;
CREATE INDEX outbox_published_at ON kit.outbox USING brin (published_at);
