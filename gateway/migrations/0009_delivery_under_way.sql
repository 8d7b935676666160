-- What is under way to an address is counted at every claim, however much waits for it.
CREATE INDEX delivery_under_way ON delivery (subscription_id) WHERE claim IS NOT NULL AND NOT delivered;
