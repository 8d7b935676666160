"""For everybody."""
