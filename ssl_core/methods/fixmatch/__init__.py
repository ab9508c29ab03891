"""FixMatch, with fixed or adaptive thresholds and hard or soft targets."""
