"""The core of Handful: datasets, labels, runs and methods, with no interface.

Importing this package imports nothing heavy: TensorFlow and Keras are reached only through
`ssl_core.training` and each method's `model` module, which the web process never imports.
"""
