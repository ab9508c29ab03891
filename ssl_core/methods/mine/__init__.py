"""Embeddings that share as much information as can be with those of a changed copy."""
