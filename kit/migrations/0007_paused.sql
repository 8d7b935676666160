-- Consumers at rest, by an operator: their facts wait in the log, and nothing is lost.
CREATE TABLE kit.paused (
    consumer text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL CHECK (reason <> '')
);
