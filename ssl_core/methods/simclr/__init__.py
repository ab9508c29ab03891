"""The supervised baseline."""
