"""What concerns a person."""
