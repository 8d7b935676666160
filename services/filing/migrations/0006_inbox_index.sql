-- An inbox asks for the few open cases of a street: without their states in the index it walks
-- through every case the street ever had (10.6 ms of server time at 100,000 cases, with it 1.7).
CREATE INDEX filing_authority_state ON filing (authority, state, filing_id);
