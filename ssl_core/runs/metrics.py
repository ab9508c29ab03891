"""What the metrics of a run are called, and how they are read: the one table of their groups.

A metric is called `<group>/<name>`. Each group is one chart, and its names are the lines of it. A
group that is not in the table gets a chart of its own too, so a method can publish what it likes.
`figures.py` answers what a metric is called and how its value reads.
"""

from ssl_core.runs.metric_group import MetricGroup

_SHARE = (0.0, 1.02)

GROUPS = (
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
        "Without weight. Validation rises again where the few labels are memorised.",
        {"loss/classification": "training", "loss/validation": "validation"},
        is_loss=True,
    ),
    MetricGroup(
        "loss/reconstruction",
        "Reconstruction loss",
        "squared intensity",
        "Without weight, mean over all {items} and pixels.",
        {"loss/reconstruction": "reconstruction"},
        is_loss=True,
        colour=2,
    ),
    MetricGroup(
        "loss/adversarial",
        "Losses of the two networks",
        "without weight",
        "Discriminator: telling real {items} from generated ones, and how unsure it is of the "
        "class of real ones, in nats: a part that grows from 0 over the first 30 % of the steps. "
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
        unit_of_numbers="squared deviations",
    ),
    MetricGroup(
        "accuracy/validation",
        "Accuracy",
        "share right",
        "Training: {count/train} labelled rows a point. "
        "Validation: {count/validation} labels, band of 95 %.",
        {"accuracy/train": "training", "accuracy/validation": "validation"},
        {"accuracy/validation": ("accuracy/validation_low", "accuracy/validation_high")},
        range=_SHARE,
    ),
    MetricGroup(
        "accuracy",
        "Accuracy by head",
        "share right",
        "On the validation labels of each head, and on the rows it is trained on.",
        range=_SHARE,
    ),
    MetricGroup(
        "auroc",
        "AUROC",
        "area",
        "Area under the ROC curve: 0.5 is guessing, 1 puts every positive before every negative.",
        range=_SHARE,
    ),
    MetricGroup(
        "mae", "Mean absolute error", "", "In the unit of the answers.", from_zero=True, apart=True
    ),
    MetricGroup(
        "head_loss",
        "Loss by head",
        "nats",
        "Of each head, without its weight.",
        is_loss=True,
        unit_of_numbers="squared deviations",
    ),
    MetricGroup(
        "weight", "Learned weights", "times", "By how much each head counts.", from_zero=True
    ),
    MetricGroup("rows", "Labelled rows by head", "rows", "In a step, on average.", from_zero=True),
    MetricGroup(
        "mi",
        "Mutual information",
        "nats",
        "How much one view, or one variable, tells about the other.",
        from_zero=True,
    ),
    MetricGroup(
        "usage",
        "Use of clusters and classes",
        "nats",
        "Entropy of the mean answer: ln K where all K are used alike, 0 where one takes all.",
        from_zero=True,
    ),
    MetricGroup(
        "usage_inference",
        "Use in inference mode",
        "nats",
        "The same entropy with the weights and statistics that answers are made with.",
        from_zero=True,
    ),
    MetricGroup(
        "clusters",
        "Live clusters",
        "clusters",
        "Clusters that get more than a fifth of an equal part.",
        from_zero=True,
    ),
    MetricGroup(
        "clusters/ink",
        "Explained by brightness",
        "share",
        "How much of the brightness the clusters explain: near 1 they sort by that alone.",
        {"clusters/ink": "brightness"},
        range=_SHARE,
    ),
    MetricGroup(
        "pseudo",
        "Pseudo-labels",
        "share",
        "Coverage: share of the unlabelled {items} that get one. Precision: share of these that "
        "are right.",
        {
            "pseudo/coverage": "coverage",
            "pseudo/precision": "precision",
            "pseudo/confidence": "mean confidence",
            "pseudo/threshold": "mean threshold",
            "pseudo/ramp": "share of full weight",
        },
        range=_SHARE,
        hidden_labels=("pseudo/precision",),
    ),
    MetricGroup(
        "calibration",
        "Calibration gap",
        "share",
        "Mean confidence less accuracy, on the validation labels: above 0 it trusts itself too "
        "much.",
        {"calibration/gap": "gap"},
    ),
    MetricGroup(
        "discriminator",
        "Discriminator",
        "share",
        "Mean probability of being real that it gives to real {items} and to generated ones.",
        range=_SHARE,
    ),
    MetricGroup(
        "moments",
        "Feature gap",
        "no unit",
        "How far the mean features of generated {items} are from those of real ones.",
        from_zero=True,
    ),
    MetricGroup(
        "diversity",
        "Diversity of the samples",
        "ratio",
        "Mean distance between generated {items} over that between real ones.",
        {"diversity/ratio": "ratio"},
        from_zero=True,
    ),
    MetricGroup("psnr", "Reconstruction quality", "dB", "Peak signal to noise, higher is better."),
    MetricGroup(
        "gate/entropy",
        "Entropy of the gate",
        "nats",
        "0 where every item takes one branch.",
        {"gate/entropy": "entropy"},
        from_zero=True,
    ),
    MetricGroup(
        "gate", "Gate", "share", "Mean weight of each branch.", range=(0.0, 1.0), stacked=True
    ),
    MetricGroup(
        "branch",
        "Share of the branches",
        "share",
        "How much of the answers comes from each branch. One that gives nothing learns nothing.",
        range=(0.0, 1.0),
        stacked=True,
    ),
    MetricGroup(
        "router",
        "Router accuracy",
        "share",
        "Items that are sent the right way.",
        {"router/accuracy": "accuracy"},
        range=_SHARE,
    ),
    MetricGroup(
        "contrast",
        "Contrastive accuracy",
        "share",
        "Views whose nearest neighbour in the batch is their partner.",
        {"contrast/accuracy": "accuracy"},
        range=_SHARE,
    ),
    MetricGroup(
        "embedding",
        "Spread of the embedding",
        "ratio",
        "1: it points everywhere. Near 0 all {items} look the same to it.",
        {"embedding/deviation": "deviation"},
        from_zero=True,
    ),
    MetricGroup(
        "probe",
        "Linear read-out",
        "share right",
        "A linear classifier on the features, fitted on the training labels.",
        {"probe/accuracy": "accuracy"},
        range=_SHARE,
    ),
    MetricGroup(
        "nmi",
        "Normalised MI",
        "index",
        "Of clusters and classes: 0 is chance, 1 that they are the same.",
        hidden_labels=("nmi/reference",),
    ),
    MetricGroup(
        "ari",
        "Adjusted Rand index",
        "index",
        "Of clusters and classes: 0 is chance, 1 that they are the same.",
        hidden_labels=("ari/reference",),
    ),
    MetricGroup(
        "gradient/cosine",
        "Agreement of the gradients",
        "cosine",
        "Below 0 what helps one head harms the other.",
        {"gradient/cosine": "cosine"},
        range=(-1.05, 1.05),
    ),
    MetricGroup("gradient", "Gradient", "norm", from_zero=True),
    MetricGroup(
        "share",
        "Gradient share",
        "share of the norm",
        "How hard each weighted term pulls at the shared trunk.",
        range=(0.0, 1.0),
        stacked=True,
    ),
    MetricGroup(
        "throughput",
        "Throughput",
        "{items}/s",
        "All {items} that went through a training step.",
        {"throughput": "{items}/s"},
        from_zero=True,
    ),
    MetricGroup(
        "learning_rate",
        "Learning rate",
        "per step",
        "Falls to zero at the last step.",
        {"learning_rate": "learning rate"},
    ),
)
