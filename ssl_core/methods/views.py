"""Settings of the random views of an image that a method holds against each other."""

from typing import Annotated

from ssl_core.methods.base import ImageHyperparameters, about


class ViewHyperparameters(ImageHyperparameters):
    """How much two views of one image may differ: what differs, the features learn to ignore."""

    view_crop: Annotated[
        float,
        about(
            "Smallest part of the image, by its area, that a view shows at full size. The largest "
            "is the image with half its area around it. Too small a part of a digit can be a part "
            "of another digit.",
            minimum=0.05,
            maximum=1.0,
            unit="share of the area",
            source="SimCLR, appendix A, has 0.08 for photographs; larger for whole objects",
        ),
    ] = 0.4
    view_rotation: Annotated[
        float,
        about(
            "Largest turn of a view, to either side.",
            minimum=0.0,
            maximum=180.0,
            unit="degrees",
            advanced=True,
        ),
    ] = 15.0
    view_shear: Annotated[
        float,
        about(
            "Largest slant of a view: how far a row moves beside the next one.",
            minimum=0.0,
            maximum=1.0,
            unit="pixels a row",
            source="MNIST, 150 steps: a linear read-out of 100 labels rose from 0.83 to 0.85",
            advanced=True,
        ),
    ] = 0.3
    view_contrast: Annotated[
        float,
        about(
            "Largest change of brightness and of contrast.",
            minimum=0.0,
            maximum=1.0,
            unit="share",
            source="SimCLR, appendix A: 0.8 times a strength of 0.5 on CIFAR-10",
        ),
    ] = 0.4
    view_colour: Annotated[
        float,
        about(
            "Largest change of saturation, and a quarter of it of hue; one view in five is grey. "
            "Images with one channel have no colour to change.",
            minimum=0.0,
            maximum=1.0,
            unit="share",
            source="SimCLR, appendix A: 0.8 times a strength of 0.5 on CIFAR-10",
        ),
    ] = 0.4
