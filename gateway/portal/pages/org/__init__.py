"""The work of an organization."""
