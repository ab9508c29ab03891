"""The heavy half: everything here may import Keras and TensorFlow."""
