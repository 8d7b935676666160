"""Uploads: received, looked into, stored; the answer carries a signed receipt for a service."""
