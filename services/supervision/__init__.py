"""Supervision: the public register of organizations, fed by facts, and announcements."""
