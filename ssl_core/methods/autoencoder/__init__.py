"""One trunk, a classifier and a decoder: labels masked, all images reconstructed."""
