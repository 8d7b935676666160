"""`minzheng`: run, watch and work the platform from a terminal."""

from kit.cli.app import main

__all__ = ["main"]
