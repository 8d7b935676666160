-- outside a transaction
-- Inboxes lie in the order in which they are read: by the limit a case stands under, open cases only,
-- with all that their parts are counted by. The same expression as in `store.lists`, or the planner
-- does not see that it may use them.
DROP INDEX CONCURRENTLY IF EXISTS filing_open_authority;
CREATE INDEX CONCURRENTLY filing_open_authority ON filing (authority,
 (CASE state WHEN 'VILLAGE_REVIEW' THEN opinion_due WHEN 'CORRECTION' THEN correction_due
  ELSE decide_due END), filing_id)
 INCLUDE (state, opinion_due, correction_due, decide_due, notice_ends, proposed_by, region_path,
  owner, organization_id)
 WHERE state NOT IN ('DRAFT', 'EXPIRED', 'FILED', 'LAPSED', 'REFUSED', 'WITHDRAWN');
DROP INDEX CONCURRENTLY IF EXISTS filing_open_community;
CREATE INDEX CONCURRENTLY filing_open_community ON filing (community,
 (CASE state WHEN 'VILLAGE_REVIEW' THEN opinion_due WHEN 'CORRECTION' THEN correction_due
  ELSE decide_due END), filing_id)
 INCLUDE (state, opinion_due, correction_due, decide_due, notice_ends, proposed_by, region_path,
  owner, organization_id)
 WHERE state NOT IN ('DRAFT', 'EXPIRED', 'FILED', 'LAPSED', 'REFUSED', 'WITHDRAWN');
