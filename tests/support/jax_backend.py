"""The environment of a process that trains on JAX in a test."""

# Compiling takes most of the time of so small a training, so it is done without optimisation.
ON_JAX = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",
}
