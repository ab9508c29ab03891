"""FixMatch, with fixed or adaptive thresholds."""
