"""Posts (岗位): who may act where, from when to when (specification §0.3)."""
