"""Answers of a finished run to new items: their jobs, their items, their results."""
