"""Labelling and training in turns: what is due, what it changed, and when to stop."""
