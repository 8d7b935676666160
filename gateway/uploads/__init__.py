"""Uploads: received, looked into, scanned, kept; the answer carries a signed receipt for a service."""
