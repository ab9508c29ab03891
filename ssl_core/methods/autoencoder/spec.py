"""The joint autoencoder and classifier, as pages and the command line know it."""

from typing import Annotated, Literal

from ssl_core.methods.alarms import Alarm, History
from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about

PSNR, MEAN_PSNR = "psnr/reconstruction", "psnr/mean image"
_LINES = 5
_LONG = 0.2  # of the budget


class AutoencoderConfiguration(ImageHyperparameters):
    """How much the network reconstructs beside classifying, from what, and through what."""

    unlabelled_batch_size: Annotated[
        int,
        about(
            "Images of the pool in a step, beside the labelled ones. More use the pool faster "
            "and make each step slower.",
            minimum=1,
            maximum=4096,
            unit="images",
        ),
    ] = 64
    reconstruction_weight: Annotated[
        float,
        about(
            "Weight of the mean squared pixel error beside the classification loss. Watch the "
            "gradient share: neither part should be ten times the other.",
            minimum=0.0,
            maximum=1000.0,
            source="MNIST, 100 labels, 1,000 steps: with 10 the classifier lost two points, "
            "with 1 it lost nothing",
        ),
    ] = 1.0
    share_limit: Annotated[
        float,
        about(
            "Largest share of the gradient at the trunk output that the reconstruction may have; "
            "what is more is scaled down, at every step. 1 is no limit.",
            minimum=0.01,
            maximum=1.0,
            unit="share of the norm",
        ),
    ] = 1.0
    corruption: Annotated[
        Literal["none", "gaussian", "cutout"],
        about(
            "What is done to an image before the network sees it; it is to redraw the image as it "
            "was. Gaussian adds noise to every pixel, cutout hides a square.",
            source="Vincent et al. 2008, Extracting and Composing Robust Features with Denoising "
            "Autoencoders",
        ),
    ] = "none"
    noise_deviation: Annotated[
        float,
        about(
            "Standard deviation of Gaussian noise.",
            minimum=0.0,
            maximum=1.0,
            unit="intensity, 0 to 1",
            advanced=True,
        ),
    ] = 0.2
    cutout_side: Annotated[
        float,
        about(
            "Side of the hole of cutout.",
            minimum=0.0,
            maximum=1.0,
            unit="share of the side",
            source="DeVries and Taylor 2017, Cutout: 16 of 32 pixels on CIFAR-10",
            advanced=True,
        ),
    ] = 0.5
    bottleneck: Annotated[
        Literal["map", "vector"],
        about(
            "What the decoder redraws from: the whole map of features, or a short vector, so that "
            "the network has to leave out what matters least."
        ),
    ] = "map"
    vector_size: Annotated[
        int,
        about(
            "Numbers in the vector of that bottleneck.",
            minimum=1,
            maximum=4096,
            unit="numbers",
            advanced=True,
        ),
    ] = 128


def _draws_the_mean(history: History) -> bool:
    """The decoder draws hardly better than the mean image of a batch would be."""
    found, mean = history.middle(PSNR, _LINES), history.middle(MEAN_PSNR, _LINES)
    if history.share_done < _LONG or found is None or mean is None:
        return False
    return found < mean + 0.5


SPEC = MethodSpec(
    name="autoencoder",
    title="Autoencoder and classifier",
    summary="One trunk learns to classify the labelled images and to redraw all of them.",
    description=(
        "Two streams of images go through one trunk: labelled ones and ones of the whole pool. A "
        "classifier reads the features of the labelled rows; a decoder redraws every row. The "
        "unlabelled images so keep the features from fitting the few labels alone.\n\n"
        "**When it helps.** Few labels, many images of the same kind, and classes that differ in "
        "what a drawing needs: shapes and strokes. Expect a small gain over the baseline.\n\n"
        "**How it fails.** The reconstruction takes over the trunk and validation falls below the "
        "baseline (its gradient share is far above the classifier's: set a limit, or lower its "
        "weight), or every drawing is the same grey mean and the error stays at the variance of "
        "the pixels (raise the weight, train longer)."
    ),
    architecture=(
        "image, corrupted where wanted → backbone → map of features, then two heads:\n\n"
        "- classifier: global average pooling → dropout 0.3 → dense layer with one logit a class\n"
        "- decoder: one upsampling and 3×3 convolution (64, 32, 16 filters) for each halving of "
        "the backbone → 3×3 convolution to the channels of the image, linear. With the bottleneck "
        "`vector` the map first passes through a dense layer to a short vector and one back.\n\n"
        "Loss: `L = L_class + λ · L_rec`. `L_class` is the cross-entropy over labelled rows, "
        "divided by their number; a row without a label adds exactly nothing. `L_rec` is the mean "
        "of `(x − x̂)²` over rows, height, width and channels, for all rows, intensities in 0..1; "
        "x is the image before it was corrupted.\n\n"
        "Share limit s: at each step the gradient of `λ L_rec` at the map is scaled down to at "
        "most `s / (1 − s)` times the norm of that of `L_class`, which has a closed form. Steps "
        "without a labelled row have no limit."
    ),
    paper=Paper(
        title="Semi-supervised Learning of Compact Document Representations with Deep Networks",
        authors="Ranzato, Szummer",
        year=2008,
        link="https://doi.org/10.1145/1390156.1390256",
        where=(
            "the combined objective: reconstruction and classification error of one encoder, "
            "summed with a weight, the latter for labelled inputs only; convolutional here, and "
            "trained in one stage"
        ),
    ),
    needs=Needs(labels=True, unlabelled=True),
    configuration=AutoencoderConfiguration,
    alarms=(
        Alarm(
            "draws-the-mean",
            "Every drawing is nearly the same mean image",
            "Raise the reconstruction weight or its share limit, or train for more steps.",
            _draws_the_mean,
        ),
    ),
)
