"""The networks that methods share: plain Keras layers, so that a saved model loads on its own."""
