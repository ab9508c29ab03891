"""Groups of metrics that a training makes small; part of the table in `metrics.py`."""

from ssl_core.runs.metric_group import MetricGroup

LOSSES = (
    MetricGroup(
        "loss/total",
        "Total loss",
        "weighted sum",
        "The sum of all terms with their weights: what is made small.",
        {"loss/total": "total"},
        is_loss=True,
    ),
    MetricGroup(
        "loss/classification",
        "Classification loss",
        "nats",
        "Without weight.",
        {"loss/classification": "training", "loss/validation": "validation"},
        notes={"loss/classification": "Validation rises again where the few labels are memorised."},
        is_loss=True,
    ),
    MetricGroup(
        "loss/reconstruction",
        "Reconstruction loss",
        "squared intensity",
        "Without weight, mean over all {items} and pixels.",
        {"loss/reconstruction": "reconstruction"},
        is_loss=True,
    ),
    MetricGroup(
        "loss/adversarial",
        "Losses of the two networks",
        "without weight",
        "Discriminator: telling real {items} from generated ones, and how unsure it is of the "
        "class of real ones, in nats: a part that grows from 0 as its weight does. "
        "Generator: the gap between the mean features of both.",
        {
            "loss/entropy": "discriminator, unsure of classes",
            "loss/real": "discriminator, real",
            "loss/generated": "discriminator, generated",
            "loss/generator": "generator",
        },
        is_loss=True,
    ),
    MetricGroup(
        "loss/pseudo",
        "Loss on pseudo-labels",
        "nats",
        "Without its weight. With online pseudo-labels it grows from 0 over their ramp: it comes "
        "times the share of full weight.",
        {"loss/pseudo": "pseudo-labels"},
        is_loss=True,
    ),
    MetricGroup(
        "loss",
        "Other losses",
        "nats",
        "Each term of the method, without its weight.",
        is_loss=True,
    ),
    MetricGroup(
        "weighted",
        "Weighted share of the loss",
        "share",
        "How much each term, times its weight, adds to the total; of negative terms their size.",
        range=(0.0, 1.0),
        stacked=True,
    ),
)
