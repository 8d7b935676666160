"""The work of offices."""
