"""FixMatch, as pages and the command line know it."""

from typing import Annotated, Literal

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about

# Entropy of the mean answer with the statistics of the batch, and in inference mode.
TRAINING_USE, USE = "usage/training", "usage/predictions"
_LINES = 5  # whose median is looked at
_APART = 0.3  # nats


class FixmatchConfiguration(ImageHyperparameters):
    """Which pseudo-labels count, and how much."""

    unlabelled_batch_size: Annotated[
        int,
        about(
            "Images of the pool in a step, each in a weak and a strong view. FixMatch takes seven "
            "for each labelled one; more make a step slower and steadier.",
            minimum=1,
            maximum=4096,
            unit="images",
            source="three for each labelled image: 1,000 steps on two CPU cores take about three "
            "minutes",
        ),
    ] = 192
    unlabelled_weight: Annotated[
        float,
        about(
            "Weight of the loss on strong views beside the loss on labelled images.",
            minimum=0.0,
            maximum=100.0,
            source="FixMatch, section 4",
        ),
    ] = 1.0
    thresholds: Annotated[
        Literal["fixed", "freematch", "flexmatch"],
        about(
            "Fixed: one threshold for all classes. FreeMatch: it begins low and rises with the "
            "confidence of the network, lower for classes that it rarely answers. FlexMatch: it "
            "begins at nothing and rises for each class with the share of the pool surely "
            "answered with it."
        ),
    ] = "fixed"
    threshold: Annotated[
        float,
        about(
            "An answer to a weak view counts if its probability is at least this. With FreeMatch "
            "or FlexMatch thresholds: the highest that they may become.",
            minimum=0.0,
            maximum=1.0,
            unit="probability",
            source="FixMatch, section 4",
        ),
    ] = 0.95
    threshold_momentum: Annotated[
        float,
        about(
            "Memory of the mean confidence and of the mean answer that FreeMatch thresholds are "
            "made of. Published runs of a million steps take 0.999.",
            minimum=0.0,
            maximum=0.99999,
            unit="per step",
            advanced=True,
        ),
    ] = 0.99
    targets: Annotated[
        Literal["hard", "sharpened"],
        about(
            "What a sure answer teaches. Hard: its likeliest class alone, as FixMatch. Sharpened: "
            "all its probabilities, made surer by the temperature, as UDA."
        ),
    ] = "hard"
    temperature: Annotated[
        float,
        about(
            "Of sharpened targets: 1 leaves the probabilities as they are, less makes them surer. "
            "Hard targets do not read it.",
            minimum=0.01,
            maximum=1.0,
            source="UDA (Xie et al. 2019), as its code sets it for CIFAR-10",
            advanced=True,
        ),
    ] = 0.4


def _modes_differ(history: History) -> bool:
    """In inference mode far fewer classes are answered than with the statistics of the batch.

    A batch is small, so that its own use comes out lower and never higher.
    """
    training = history.middle_at(TRAINING_USE, _LINES, USE)
    inference = history.middle(USE, _LINES)
    return training is not None and inference is not None and training - inference > _APART


SPEC = MethodSpec(
    name="fixmatch",
    title="FixMatch",
    summary="Sure answers to slightly changed images become labels of strongly changed ones.",
    description=(
        "Every unlabelled image is shown twice: shifted a little, and turned, sheared, in other "
        "intensities and with a hole. Where the network is sure of its answer to the first view, "
        "that answer becomes the label of the second. It so learns from images nobody labelled, "
        "and learns that such changes do not matter.\n\n"
        "**When it helps.** Very few labels, down to some a class, and a pool of the same kind of "
        "images. The strongest method here for its cost.\n\n"
        "**How it fails.** A class that is mixed up early stays mixed up: coverage climbs while "
        "the precision of the pseudo-labels falls, and the answers crowd in few classes. Coverage "
        "that stays at nothing wants a lower threshold or adaptive thresholds. With FlexMatch "
        "thresholds every answer counts at first, wrong ones too, and through all of a short run. "
        "Changes that alter the class (a mirrored digit) teach nonsense: look at the views."
    ),
    architecture=(
        "labelled, weak and strong images as one batch → backbone → global average pooling → "
        "dropout 0.3 → dense layer with one logit a class. Weak views are answered without "
        "dropout.\n\n"
        "Loss: `L = CE(y, l(weak x)) + λ · (1/N_u) Σ 1[max q ≥ τ] CE(argmax q, l(strong u))` with "
        "`q = softmax(l(weak u))`, which no gradient flows through; N_u counts all unlabelled "
        "rows. The pool holds the labelled images too.\n\n"
        "Strong view: three of twelve operations at random amounts (turn, two shears, two shifts, "
        "zoom, brightness, contrast, colour, sharpness, posterise, solarise), then a hole of up to "
        "half the side in the mean intensity.\n\n"
        "FreeMatch thresholds: `t ← m t + (1−m) mean max q`, `p ← m p + (1−m) mean q`, both "
        "from 1/K; class c has `min(τ, t · p_c / max p)`. Its fairness term is left out.\n\n"
        "FlexMatch thresholds: `s_c` counts the images of the pool whose last answer with "
        "`max q ≥ τ` was c; with `β_c = s_c / max(max s, images without such an answer)` class c "
        "has `τ β_c / (2 − β_c)`.\n\n"
        "Sharpened targets: the class `argmax q` gives way to `q_c^(1/T) / Σ_k q_k^(1/T)`. The "
        "same images count.\n\n"
        "Not as published: Adam in place of SGD, as all methods here, and schedules of thousands "
        "of steps where the paper takes a million."
    ),
    paper=Paper(
        title="FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence",
        authors="Sohn, Berthelot, Li, Zhang, Carlini, Cubuk, Kurakin, Zhang, Raffel",
        year=2020,
        link="https://arxiv.org/abs/2001.07685",
        where=(
            "section 2.2, equations 3 and 4; adaptive thresholds: Wang et al. 2023, FreeMatch, "
            "arXiv:2205.07246, section 4.1, and Zhang et al. 2021, FlexMatch, arXiv:2110.08263, "
            "section 3 and algorithm 1; sharpened targets: Xie et al. 2019, UDA, arXiv:1904.12848"
        ),
    ),
    needs=Needs(labels=True, unlabelled=True, item="image"),
    configuration=FixmatchConfiguration,
    alarms=(
        Alarm(
            "modes-differ",
            "Inference mode answers fewer classes than training does",
            "Its answers cannot be trusted yet: the statistics of normalisation do not fit. Train "
            "for longer, or take more unlabelled images in a step.",
            _modes_differ,
        ),
    ),
)
