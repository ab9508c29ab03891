"""The saved network of a run, loaded without running anything that its file brings along."""

from ssl_core.runs.folder import RunFolder
from ssl_core.runs.saved_model import MODEL, network_input


def saved_network(run: RunFolder):
    """The network of a finished run. Raises UserError where a part of it is unknown.

    The run may come from a workspace that somebody else packed.
    """
    import keras

    network_input(run)
    return keras.models.load_model(run.path / MODEL, compile=False, safe_mode=True)
