"""The RPCs departments read and subscribe with."""
