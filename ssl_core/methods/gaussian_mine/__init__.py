"""Mutual information by a critic, tried on two Gaussian variables whose information is known."""
