"""Bringing image sets in and reading them back."""
