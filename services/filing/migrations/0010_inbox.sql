-- "Cases in which I have taken a step" are read from the audit trail, per account.
CREATE INDEX audit_done ON kit.audit (subject, object_id) WHERE outcome = 'done'
 AND action IN ('give_village_opinion', 'return_for_correction', 'start_notice',
 'handle_objection', 'propose_decision', 'decide', 'write_guidance');
