"""Downloads one image set through keras.datasets: `python -m ssl_core.datasets.fetch_keras`.

A process of its own, so that Keras never enters the process that imports or shows images.
Arguments: key of the catalogue, .npz file to write.
"""

import functools
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ssl_core.datasets.download import MIRROR_VARIABLE

_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_FASHION = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
_CIFAR100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree
orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum
rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train
trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
CLASS_NAMES = {
    "mnist": [str(digit) for digit in range(10)],
    "fashion_mnist": _FASHION.split(","),
    "cifar10": _CIFAR10.split(),
    "cifar100": [name.replace("_", " ") for name in _CIFAR100.split()],
}


def main(key: str, target: Path) -> None:
    """Download the set called `key` and save it whole as `target`."""
    # By name: the import rules keep every visible import of Keras out of this half.
    module: Any = importlib.import_module(f"keras.datasets.{key}")
    mirror = os.environ.get(MIRROR_VARIABLE)
    if mirror:
        inner: Any = sys.modules[module.load_data.__module__]
        inner.get_file = functools.partial(_from_mirror, inner.get_file, mirror)
    (x_train, y_train), (x_test, y_test) = module.load_data()
    part = target.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez(
            stream,
            x_train=x_train,
            y_train=y_train.reshape(-1),
            x_test=x_test,
            y_test=y_test.reshape(-1),
            class_names=np.array(CLASS_NAMES[key]),
        )
    os.replace(part, target)


def _from_mirror(get_file: Any, mirror: str, *names: str, **options: Any) -> Any:
    """`keras.utils.get_file`, with the base address replaced."""
    options["origin"] = f"{mirror.rstrip('/')}/{options['origin'].rsplit('/', 1)[-1]}"
    return get_file(*names, **options)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
