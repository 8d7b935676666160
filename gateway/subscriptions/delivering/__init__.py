"""Delivering events to departments: signed, to registered addresses only, until they arrive."""
