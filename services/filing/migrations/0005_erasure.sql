-- The day on which the persons of a fruitless application were erased.
ALTER TABLE filing ADD COLUMN erased_on date;
CREATE INDEX filing_to_erase ON filing (decided_on)
    WHERE erased_on IS NULL AND state IN ('REFUSED', 'LAPSED', 'WITHDRAWN');
