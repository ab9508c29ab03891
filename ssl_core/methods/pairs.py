"""Settings of the methods that learn from an image and a changed copy of it."""

from typing import Annotated

from ssl_core.methods.base import ImageHyperparameters, about, about_learning_rate


class PairHyperparameters(ImageHyperparameters):
    """How a partner differs from its image, and how many pairs make a step."""

    batch_size: Annotated[
        int,
        about(
            "Pairs of an image and its partner in a step. Small batches make the estimate of "
            "mutual information noisy and too high.",
            minimum=2,
            maximum=4096,
            unit="pairs",
        ),
    ] = 256
    learning_rate: Annotated[
        float, about_learning_rate("MNIST, 250 steps: 0.002 was ahead of 0.001 and 0.004")
    ] = 2e-3
    augment_shift: Annotated[
        float,
        about(
            "Random shift of labelled images in steps that train on labels, if there are any. "
            "Pairs never shift by it: the crop of the partner moves it.",
            minimum=0.0,
            maximum=0.5,
            unit="share of the side",
            source="FixMatch, section 4",
            advanced=True,
        ),
    ] = 0.125
    augment_mirror: Annotated[
        bool,
        about(
            "Mirror partners left to right at random, and labelled images in steps that train on "
            "labels. Leave off for digits and text."
        ),
    ] = False
    pair_rotation: Annotated[
        float,
        about(
            "Largest turn of the partner, to either side.",
            minimum=0.0,
            maximum=180.0,
            unit="degrees",
            source="Ji et al. 2019, the published settings for MNIST",
        ),
    ] = 25.0
    pair_shear: Annotated[
        float,
        about(
            "Largest slant of the partner, to either side.",
            minimum=0.0,
            maximum=1.0,
            unit="pixels a row",
            source="MNIST, 250 steps: clusters of digits came out better with it",
        ),
    ] = 0.3
    pair_crop: Annotated[
        float,
        about(
            "Smallest part of the image, by its side, that the partner shows at full size. 1 never "
            "cuts anything off.",
            minimum=0.1,
            maximum=1.0,
            unit="share of the side",
            source="Ji et al. 2019: crops of 16 to 24 of 28 pixels on MNIST",
        ),
    ] = 0.7
    pair_contrast: Annotated[
        float,
        about(
            "Largest change of the partner's contrast.",
            minimum=0.0,
            maximum=1.0,
            unit="share",
            source="Ji et al. 2019: brightness and contrast jitter of 0.4 on MNIST",
        ),
    ] = 0.4
