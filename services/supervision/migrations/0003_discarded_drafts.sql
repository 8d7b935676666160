-- A draft may be discarded; what was published once stays.
GRANT DELETE ON announcement TO :app;
CREATE POLICY announcement_discard ON announcement FOR DELETE
    USING (state = 'DRAFT' AND kit.in_scope(issuer_path, '', ''));
