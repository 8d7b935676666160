"""Operation of the platform."""
