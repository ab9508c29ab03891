"""The joint autoencoder and classifier, as pages and the command line know it."""

from typing import Annotated

from ssl_core.methods.base import ImageHyperparameters, MethodSpec, Needs, Paper, about


class AutoencoderConfiguration(ImageHyperparameters):
    """How much the network reconstructs beside classifying."""

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
        "baseline (its gradient share is far above the classifier's: lower its weight), or every "
        "drawing is the same grey mean and the error stays at the variance of the pixels (raise "
        "the weight, train longer)."
    ),
    architecture=(
        "image → backbone → map of features, then two heads:\n\n"
        "- classifier: global average pooling → dropout 0.3 → dense layer with one logit a class\n"
        "- decoder: one upsampling and 3×3 convolution (64, 32, 16 filters) for each halving of "
        "the backbone → 3×3 convolution to the channels of the image, linear\n\n"
        "Loss: `L = L_class + λ · L_rec`. `L_class` is the cross-entropy over labelled rows, "
        "divided by their number; a row without a label adds exactly nothing. `L_rec` is the mean "
        "of `(x − x̂)²` over rows, height, width and channels, for all rows, intensities in 0..1."
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
)
