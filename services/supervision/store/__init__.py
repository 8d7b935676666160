"""Rows of the register and of announcements."""
