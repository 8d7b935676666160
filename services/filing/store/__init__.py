"""Rows of the filing service: read a case, write an outcome, lists."""
