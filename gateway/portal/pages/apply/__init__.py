"""Applications of residents and organizations."""
