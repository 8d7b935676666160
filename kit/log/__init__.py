"""The event log: one port (`port`), one adapter a broker."""
