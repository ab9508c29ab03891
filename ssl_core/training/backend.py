"""The few settings that belong to one backend."""

import keras

from ssl_core.errors import UserError

# On a GPU a step is shorter than what Python needs to start it; several go in one call.
GPU_STEPS_PER_EXECUTION = 8


def steps_per_execution(device: str) -> int:
    """How many steps run between two looks of Python. device: "cpu" or "gpu:0"."""
    return 1 if device == "cpu" else GPU_STEPS_PER_EXECUTION


def prepare_backend(device: str, seed: int) -> None:
    """Seed every generator, take only the memory that is needed, and check that the GPU is there.

    Raises UserError where the chosen GPU cannot be used.
    """
    keras.utils.set_random_seed(seed % 2**32)
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    # It drops the order between reading a weight and updating it, where no gradient depends on the
    # reading: in one step of about 250 the generator of the GAN was judged by new biases.
    tf.config.optimizer.set_experimental_options({"dependency_optimization": False})
    graphics = tf.config.list_physical_devices("GPU")
    if device != "cpu" and not graphics:
        raise UserError(
            f"This run was to use {device}, but TensorFlow sees no GPU. Install the GPU build "
            "with a matching NVIDIA driver (the log has the details), or start it on the CPU."
        )
    for card in graphics:
        tf.config.experimental.set_memory_growth(card, True)
    # Without it some GPU kernels add in another order each time; the CPU's never do.
    if device != "cpu":
        tf.config.experimental.enable_op_determinism()
