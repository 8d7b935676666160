-- Days of a correction notice that were left at the resubmission: a public notice may have paused the
-- case since, so the last pause does not tell.
ALTER TABLE filing
    ADD COLUMN correction_left integer NOT NULL DEFAULT 0 CHECK (correction_left >= 0);
SELECT set_config('minzheng.scope', 'r:/', true);
UPDATE filing SET correction_left = greatest(0, correction_due - (pauses -> -1 ->> 1)::date)
    WHERE state = 'COMPLETENESS' AND correction_due IS NOT NULL;
