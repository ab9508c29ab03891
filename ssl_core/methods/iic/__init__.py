"""Invariant information clustering: clusters that an image shares with its changed copy."""
