"""Letters of a filing (specification §9.4): which arise at which step, what each says."""
