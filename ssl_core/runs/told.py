"""Whether what a run calls an item was told to it by labels that came with the data."""

from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import Results


def told_by_reference(request: RunRequest, results: Results) -> bool:
    """Whether a run trained on reference labels, or had its clusters named by them.

    Its answers are no ground to label, to review or to choose an item by: they repeat labels that
    the person does not have.
    """
    return request.labels.reference or results.uses_reference_labels
