"""A recurrent network over a short text, joined with numbers beside it."""
