"""A router, then one expert for each group."""
