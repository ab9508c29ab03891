"""The supervised baseline, as pages and the command line know it."""

from ssl_core.methods.base import Hyperparameters, MethodSpec, Needs, Paper


class SupervisedConfiguration(Hyperparameters):
    """Nothing of its own: the yardstick is what all methods share."""


SPEC = MethodSpec(
    name="supervised",
    title="Supervised baseline",
    summary="Learns from the labelled images alone; the yardstick for every other method.",
    description=(
        "A convolutional network trained on the labelled images with cross-entropy. Unlabelled "
        "images are never looked at, so what another method gains over this one is what the "
        "unlabelled images are worth.\n\n"
        "**When it is enough.** With some hundred labels a class it is often as good as anything "
        "else, and it is the fastest.\n\n"
        "**How it fails.** With few labels it remembers them: the share right on the training "
        "labels reaches 100 % while the validation share stands still and the validation loss "
        "climbs. More labels help; so does a method that uses the unlabelled images.\n\n"
        "Every method here shares its backbone, optimizer, schedule, augmentation and weight "
        "averaging, so that a comparison differs in the method alone."
    ),
    architecture=(
        "image → backbone → map of features → global average pooling → dropout 0.3 → dense layer "
        "with one logit a class.\n\n"
        "Loss: `L = Σ mᵢ (logsumexp(lᵢ) − lᵢ[yᵢ]) / max(1, Σ mᵢ)` over the rows of a batch, with "
        "`mᵢ = 1` where the row has a label. Adam with decoupled weight decay on the kernels, rate "
        "along a cosine to zero; the weights that are evaluated are a moving average."
    ),
    paper=Paper(
        title="Realistic Evaluation of Deep Semi-Supervised Learning Algorithms",
        authors="Oliver, Odena, Raffel, Cubuk, Goodfellow",
        year=2018,
        link="https://arxiv.org/abs/1804.09170",
        where="section 4.1: the fully-supervised baseline, tuned as carefully as the other methods",
    ),
    needs=Needs(labels=True, unlabelled=False),
    configuration=SupervisedConfiguration,
)
