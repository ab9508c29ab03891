"""Groups of metrics that tell how a training goes wrong; part of the table in `metrics.py`."""

from ssl_core.runs.metric_group import MetricGroup

FAILURES = (
    MetricGroup(
        "calibration",
        "Calibration gap",
        "share",
        "Mean confidence less accuracy, on the validation labels: above 0 it trusts itself too "
        "much.",
        {"calibration/gap": "gap"},
    ),
    MetricGroup(
        "confidence",
        "Confidence of the experts",
        "share",
        "Mean on validation {items}, by the way that they were sent. An expert that is as sure on "
        "wrong ways does not know what it was never shown.",
        range=(0.0, 1.02),
    ),
    MetricGroup(
        "skew",
        "Skew of the pseudo-labels",
        "nats",
        "0 where they are spread over the classes as the labels are.",
        {"skew/pseudo": "skew"},
        from_zero=True,
    ),
    MetricGroup(
        "critic",
        "Drift of the critic",
        "nats",
        "Of pairs that do not belong together. Lag: how far the moving average of mean e^T, which "
        "corrects the gradient, is from the newest batches.",
        {
            "critic/mean": "mean score T",
            "critic/constant": "log of the moving average of mean e^T",
            "critic/lag": "lag",
        },
    ),
)
