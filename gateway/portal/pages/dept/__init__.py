"""The work of other departments."""
