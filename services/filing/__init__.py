"""Filing (备案) of community social organizations: SM-01."""
