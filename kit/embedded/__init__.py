"""The embedded default: what one command starts on a bare machine."""
