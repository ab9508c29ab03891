"""Stacked one-dimensional convolutions over a text, with several heads."""
