"""Pseudo-labelling, as pages and the command line know it."""

from typing import Annotated, Literal

from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about


class PseudoLabelConfiguration(ImageHyperparameters):
    """When pseudo-labels are made, which of them count, and how much."""

    mode: Annotated[
        Literal["online", "staged"],
        about(
            "Online: the sure answers of each step are labels of that step. Staged: train on the "
            "labels, label the whole pool with the averaged weights, begin again with both.",
            source="MNIST, 100 labels, 1,000 steps: 0.95 right online, 0.92 staged",
        ),
    ] = "online"
    threshold: Annotated[
        float,
        about(
            "An answer becomes a pseudo-label if its probability is at least this. 0 takes every "
            "answer, as in the first paper.",
            minimum=0.0,
            maximum=1.0,
            unit="probability",
            source="FixMatch, section 4",
        ),
    ] = 0.95
    unlabelled_batch_size: Annotated[
        int,
        about(
            "Images of the pool in a step, beside the labelled ones.",
            minimum=1,
            maximum=4096,
            unit="images",
        ),
    ] = 64
    unlabelled_weight: Annotated[
        float,
        about(
            "Weight of the loss on pseudo-labels beside the loss on labels. Lee 2013 takes 3.",
            minimum=0.0,
            maximum=100.0,
        ),
    ] = 1.0
    rounds: Annotated[
        int,
        about(
            "Staged: how often the pool is labelled and the training begun again.",
            minimum=1,
            maximum=10,
            unit="rounds",
            advanced=True,
        ),
    ] = 1
    first_share: Annotated[
        float,
        about(
            "Staged: share of the steps that train on the labels alone; the rounds share the "
            "others.",
            minimum=0.05,
            maximum=0.95,
            unit="share of the steps",
            advanced=True,
        ),
    ] = 0.3
    ramp_start: Annotated[
        float,
        about(
            "Online: pseudo-labels have no weight before this.",
            minimum=0.0,
            maximum=1.0,
            unit="share of the steps",
            advanced=True,
        ),
    ] = 0.0
    ramp_end: Annotated[
        float,
        about(
            "Online: pseudo-labels have their full weight from here on; it grows evenly in "
            "between.",
            minimum=0.0,
            maximum=1.0,
            unit="share of the steps",
            advanced=True,
        ),
    ] = 0.4


SPEC = MethodSpec(
    name="pseudo_label",
    title="Pseudo-labels",
    summary="The network's own sure answers become labels that it learns from.",
    description=(
        "The oldest way to use unlabelled images: take what the network is sure of as if a person "
        "had said it.\n\n"
        "**Online** (the default). Answers become labels at every step, with a weight that grows "
        "over the first part of the run. Other shifts and dropout make the same image a new task "
        "each time, so that more and more of the pool comes to be answered surely.\n\n"
        "**Staged**. A first training uses the labels alone; its averaged weights label the whole "
        "pool once; a second one begins with new weights and learns both. What the first was not "
        "sure of is never seen, unless there are more rounds.\n\n"
        "**When it helps.** The network is right more often than not from the labels alone, and "
        "the pool is of the same kind of images.\n\n"
        "**How it fails.** It believes itself: wrong answers become labels, are learned, and grow "
        "surer. Coverage rises, precision falls, and the answers crowd in few classes. A higher "
        "threshold, more labels, or FixMatch help."
    ),
    architecture=(
        "labelled and pool images as one batch → backbone → global average pooling → dropout 0.3 → "
        "dense layer with one logit a class.\n\n"
        "Loss: `L = CE(y, l) + λ · α(t) · (1/N_u) Σ wⱼ CE(cⱼ, lⱼ)` over the N_u rows of the pool, "
        "with `wⱼ = 1` where the pseudo-label cⱼ was given with probability ≥ τ.\n\n"
        "Online, `c = argmax softmax(l)` of the same step, which no gradient flows through, and α "
        "grows from 0 to 1. Staged, c is what the averaged weights of the phase before said and α "
        "is 1; items with a label keep it, and every phase begins with new weights."
    ),
    paper=Paper(
        title=(
            "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep "
            "Neural Networks"
        ),
        authors="Lee",
        year=2013,
        link="https://www.researchgate.net/publication/280581078",
        where=(
            "the loss with the schedule α(t), there with threshold 0 and weight 3; staged: "
            "Cascante-Bonilla et al. 2020, Curriculum Labeling, arXiv:2001.06001, with a fixed "
            "threshold in place of growing shares"
        ),
    ),
    needs=Needs(labels=True, unlabelled=True, item="image"),
    configuration=PseudoLabelConfiguration,
)
