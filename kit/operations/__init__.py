"""What every workload tells and does for its operation: status, parked facts, audit trail, checks."""
