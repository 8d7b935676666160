"""SMS by the provider's HTTP gateway (IF-09)."""
