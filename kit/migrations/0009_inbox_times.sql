-- outside a transaction
-- Facts are taken in about in the order in which they lie: their times need no tree of their own.
DROP INDEX CONCURRENTLY IF EXISTS kit.inbox_received_at;
CREATE INDEX CONCURRENTLY inbox_received_at ON kit.inbox USING brin (received_at);
