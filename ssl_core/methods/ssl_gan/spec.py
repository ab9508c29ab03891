"""The semi-supervised GAN, as pages and the command line know it."""

from typing import Annotated, Literal

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import (
    ImageHyperparameters,
    MethodSpec,
    Needs,
    Paper,
    about,
    about_learning_rate,
)

REAL, GENERATED = "discriminator/real", "discriminator/generated"
GAP, DIVERSITY = "moments/gap", "diversity/ratio"
SURE_FROM = 0.3  # of the steps: when the entropy of answers has its full weight
_LINES = 5
_LONG = 0.3  # of the budget


class SslGanConfiguration(ImageHyperparameters):
    """The two networks, and what each of them is to make small."""

    backbone: Annotated[
        Literal["vgg-small", "vgg-f"],
        about(
            "The network up to the features, here without batch normalisation. vgg-small (widths "
            "32-64-128-128) suits a CPU; vgg-f (64-128-256-512) wants a GPU."
        ),
    ] = "vgg-small"
    adam_beta1: Annotated[
        float,
        about(
            "Memory of Adam's mean gradient. Two networks that answer each other want a short one.",
            minimum=0.0,
            maximum=0.999,
            unit="per step",
            source="Salimans et al. 2016, section 6",
            advanced=True,
        ),
    ] = 0.5
    learning_rate: Annotated[
        float, about_learning_rate("the code published with Salimans et al. 2016, for MNIST")
    ] = 3e-3
    unlabelled_batch_size: Annotated[
        int,
        about(
            "Images of the pool in a step, and as many generated ones.",
            minimum=1,
            maximum=4096,
            unit="images",
        ),
    ] = 128
    unsupervised_weight: Annotated[
        float,
        about(
            "Weight of telling real from generated images, each of the two terms, beside the loss "
            "on labelled images.",
            minimum=0.0,
            maximum=100.0,
            source="MNIST, 100 labels, 400 steps: 0.5, as published, was a point behind 0.1",
        ),
    ] = 0.1
    entropy_weight: Annotated[
        float,
        about(
            "Weight of the entropy of the answers to images of the pool, which are to be sure of "
            f"one class. It grows to this over the first {100 * SURE_FROM:.0f} % of the steps. "
            "0 is as published.",
            minimum=0.0,
            maximum=100.0,
            source="Dai et al. 2017, Good Semi-supervised Learning That Requires a Bad GAN; MNIST, "
            "100 labels, 400 steps: four points ahead of 0",
        ),
    ] = 1.0
    label_smoothing: Annotated[
        float,
        about(
            "Real images are to be called real with one minus this probability only, so that the "
            "discriminator does not grow too sure. Generated ones are not smoothed.",
            minimum=0.0,
            maximum=0.5,
            unit="probability",
            source="Salimans et al. 2016, section 3.4",
        ),
    ] = 0.0
    feature_loss: Annotated[
        Literal["absolute", "squared"],
        about(
            "What the generator makes small: the gap between the mean features of real and of "
            "generated images, absolute or squared.",
            source="the code published with Salimans et al. 2016: squared for MNIST, absolute for "
            "CIFAR-10 and SVHN",
        ),
    ] = "absolute"
    discriminator: Annotated[
        Literal["norm-free", "seed"],
        about(
            "Norm-free: the backbone of the other methods without batch normalisation. Seed: "
            "seven convolutions, four of stride 2, with it."
        ),
    ] = "norm-free"
    discriminator_dropout: Annotated[
        float,
        about(
            "Share of the features that the discriminator does without in training.",
            minimum=0.0,
            maximum=0.9,
            unit="share",
            advanced=True,
        ),
    ] = 0.2
    generator_width: Annotated[
        int,
        about(
            "Features of the generator before its last layer; earlier ones have twice and four "
            "times as many.",
            minimum=4,
            maximum=512,
            unit="features",
        ),
    ] = 32
    noise_size: Annotated[
        int,
        about(
            "Random numbers that an image is generated from.",
            minimum=1,
            maximum=1000,
            unit="numbers",
            source="Salimans et al. 2016, the published code",
            advanced=True,
        ),
    ] = 100
    labelled_view: Annotated[
        Literal["strong", "weak", "none"],
        about(
            "Strong: labelled images are turned, sheared, in other intensities and with a hole, as "
            "in FixMatch. Compare with a supervised run of the same augmentation. Weak: shifted a "
            "little. None: as published.",
            source="MNIST, 100 labels: strong was ahead of weak by 0.8 % of the images",
        ),
    ] = "strong"
    view: Annotated[
        Literal["weak", "none"],
        about(
            "Weak: images of the pool are shifted a little, as in all methods, and so are those "
            "that the generator learns to imitate. None: as published.",
            advanced=True,
        ),
    ] = "weak"


def _samples_alike(history: History) -> bool:
    """Generated images lie much nearer each other than real ones: mode collapse.

    So they do at the beginning, when the generator has learned nothing yet.
    """
    ratio = history.middle(DIVERSITY, _LINES)
    return history.share_done >= _LONG and ratio is not None and ratio < 0.2


def _never_separates(history: History) -> bool:
    """Real and generated images get nearly the same probability of being real."""
    real, generated = history.middle(REAL, _LINES), history.middle(GENERATED, _LINES)
    if history.share_done < _LONG or real is None or generated is None:
        return False
    return abs(real - generated) < 0.05


SPEC = MethodSpec(
    name="ssl_gan",
    title="Semi-supervised GAN",
    summary="A classifier that must also tell real images from generated ones.",
    description=(
        "A generator draws images from noise; a discriminator with one output a class says which "
        "class a real image has, and that a generated one has none. Every image of the pool "
        "teaches it something: that it belongs to some class, which one is left open. The "
        "generator learns to give its images the same mean features as real ones.\n\n"
        "**When it helps.** Some labels of every class and a large pool of images of just these "
        "classes. It needs many more steps than the baseline.\n\n"
        "**How it fails.** The generator draws nearly one image only (diversity below 0.2); the "
        "discriminator sees through everything (probability of being real below 0.01 for all "
        "samples and above 0.99 for images) or through nothing. Ugly samples are no failure: "
        "features that match teach the classifier more than samples that please, so do not stop by "
        "the look of them."
    ),
    architecture=(
        "Generator: noise → dense layer to a map of at most 4×4 → transposed 5×5 convolutions of "
        "stride 2 with batch normalisation and leaky ReLU 0.2 → image.\n\n"
        "Discriminator: image → the backbone without batch normalisation, leaky ReLU 0.2, "
        "dropout → features f, pooled over the image → dropout 0.3 → dense layer with one logit a "
        "class. The logit of being generated is fixed to 0, so with `g = logsumexp(l)` the "
        "probability of being real is `sigmoid(g)`.\n\n"
        "Discriminator: `L = L_class + w (L_real + L_gen) + v H`, with `L_real = mean(softplus(g) "
        "− (1 − s) g)` and the mean entropy `H` of `softmax(l)` on the pool, and `L_gen = mean "
        "softplus(g)` on generated images. Generator: `mean |E f(x) − E f(G(z))|`, or its square. "
        "Both take one step at a time with one optimizer; no gradient of either loss reaches the "
        "other network.\n\n"
        "Choice `seed`: images in −1..1, seven 3×3 convolutions, batch normalisation on all but "
        "the first and the last, with dropout that works and statistics of real images alone.\n\n"
        "Not as published: the entropy (v = 0 leaves it out), no weight normalisation, strong "
        "changes of the labelled images and small shifts of the others, and thousands of steps "
        "where the paper takes hundreds of epochs."
    ),
    paper=Paper(
        title="Improved Techniques for Training GANs",
        authors="Salimans, Goodfellow, Zaremba, Cheung, Radford, Chen",
        year=2016,
        link="https://arxiv.org/abs/1606.03498",
        where="section 5 (losses), 3.1 (feature matching), 3.4 (one-sided label smoothing)",
    ),
    needs=Needs(labels=True, unlabelled=True),
    configuration=SslGanConfiguration,
    alarms=(
        Alarm(
            "samples-alike",
            "The generator draws nearly the same image every time",
            "Start again with another seed, a smaller learning rate or larger batches.",
            _samples_alike,
        ),
        Alarm(
            "real-like-generated",
            "The discriminator does not tell real images from generated ones",
            "Raise the unsupervised weight or lower the dropout of the discriminator.",
            _never_separates,
        ),
    ),
)
