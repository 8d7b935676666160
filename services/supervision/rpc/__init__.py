"""The RPCs of supervision."""
