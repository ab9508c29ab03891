"""Pseudo-labelling, while training or in rounds."""
