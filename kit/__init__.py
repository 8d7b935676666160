"""Shared kernel: what every process needs and no business rule."""
