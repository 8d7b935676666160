-- Rows of outward messages are forgotten when their time is over; inbox and audit trail keep what was said.
GRANT DELETE ON dispatch, dispatched TO :app;
CREATE POLICY dispatched_forgotten ON dispatched FOR DELETE
    USING (current_setting('minzheng.scope', true) = 'r:/');
CREATE INDEX dispatch_settled ON dispatch (settled_at) WHERE settled_at IS NOT NULL;
