"""The RPCs of notifications."""
