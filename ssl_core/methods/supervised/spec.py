"""The supervised baseline, as pages and the command line know it."""

from typing import Annotated, Literal

from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about
from ssl_core.methods.head_settings import HEAD_ALARMS, HeadSettings


class SupervisedConfiguration(HeadSettings, ImageHyperparameters):
    """The yardstick is what all methods share; the augmentation alone can be stronger."""

    augmentation: Annotated[
        Literal["weak", "strong"],
        about(
            "Weak: a small shift, as in all methods. Strong: also turned, sheared, in other "
            "intensities and with a hole, as FixMatch does; it shows how much of the gain of such "
            "a method is the augmentation alone.",
            source="Oliver et al. 2018: a baseline gets the same care as the other methods",
        ),
    ] = "weak"


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
        "Unless their settings say otherwise, the methods here share backbone, optimizer, "
        "schedule, augmentation and weight averaging, so that a comparison differs in the method "
        "alone.\n\n"
        "**Several heads.** A run on more than one question trains one network that answers all of "
        "them: with classes, with yes or no, with a number. Each question has its own labels, and "
        "an item without an answer to one of them counts for the others. Columns of numbers beside "
        "the images are read too. It helps where the questions need the same features; it fails "
        "where one of them takes the trunk over (watch the gradient shares) or where they pull in "
        "opposite ways (their gradient cosine stays below 0)."
    ),
    architecture=(
        "image → backbone → map of features → global average pooling → dropout 0.3 → dense layer "
        "with one logit a class.\n\n"
        "Loss: `L = Σ mᵢ (logsumexp(lᵢ) − lᵢ[yᵢ]) / max(1, Σ mᵢ)` over the rows of a batch, with "
        "`mᵢ = 1` where the row has a label. Adam with decoupled weight decay on the kernels, rate "
        "along a cosine to zero; the weights that are evaluated are a moving average.\n\n"
        "With several heads: one dense layer a head on the same pooled features, and "
        "`L = Σ wₕ Lₕ`, each `Lₕ` the mean over the rows that have a label of that head. "
        "Categorical: the cross-entropy above. Binary: one logit t, `log(1 + eᵗ) − t y`. "
        "Regression: the squared (or Huber) error of the target in standard deviations. Heads with "
        "labels of different items get equal parts of every batch.\n\n"
        "With numbers: standardised → dense 16 → joined with the pooled features → dense 64 → "
        "heads; a second answer to the main question from the features alone has weight 0.2."
    ),
    paper=Paper(
        title="Realistic Evaluation of Deep Semi-Supervised Learning Algorithms",
        authors="Oliver, Odena, Raffel, Cubuk, Goodfellow",
        year=2018,
        link="https://arxiv.org/abs/1804.09170",
        where="section 4.1: the fully-supervised baseline, tuned as carefully as the other methods",
    ),
    needs=Needs(labels=True, unlabelled=False, heads=(1, 99)),
    configuration=SupervisedConfiguration,
    alarms=HEAD_ALARMS,
)
