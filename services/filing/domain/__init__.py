"""Rules of a filing: pure functions over frozen dataclasses, one step of SM-01 a function."""
