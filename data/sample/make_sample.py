"""Draw the bundled sample from the four MNIST files: `python make_sample.py MNIST_FOLDER`.

4,000 of the 60,000 training images and 1,000 of the 10,000 test images, at random without
replacement (NumPy's default generator, seed 20240501), in their original order, unchanged.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

SEED = 20240501
COUNTS = {"train": 4000, "t10k": 1000}


def read_idx(path: Path) -> np.ndarray:
    """The array in a gzip-compressed IDX file of unsigned bytes."""
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    shape = tuple(np.frombuffer(content, ">u4", axes, offset=4))
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def write_idx(path: Path, values: np.ndarray) -> None:
    """Write unsigned bytes as IDX, compressed, the same bytes every time."""
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + values.tobytes(), compresslevel=9, mtime=0))


def main(source: Path, target: Path) -> None:
    """Write the four files of the sample into `target`."""
    generator = np.random.default_rng(SEED)
    for name, count in COUNTS.items():
        images = read_idx(source / f"{name}-images-idx3-ubyte.gz")
        labels = read_idx(source / f"{name}-labels-idx1-ubyte.gz")
        chosen = np.sort(generator.choice(len(images), count, replace=False))
        write_idx(target / f"{name}-images-idx3-ubyte.gz", images[chosen])
        write_idx(target / f"{name}-labels-idx1-ubyte.gz", labels[chosen])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
