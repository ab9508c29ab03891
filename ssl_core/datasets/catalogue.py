"""The ready-made datasets that can be opened by name."""

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Kind
from ssl_core.errors import UserError

SAMPLE_NAME = "MNIST sample"
PREFIX = "catalogue:"


class OfficialFile(BaseModel):
    """A file at an official address, with the checksum that its providers or users published."""

    model_config = ConfigDict(frozen=True)
    address: str
    checksum: str  # "md5:..."


class CatalogueEntry(BaseModel):
    """One dataset. megabytes: size of the download, 0 where it comes with Handful."""

    model_config = ConfigDict(frozen=True)
    key: str
    title: str
    description: str
    kind: Kind = "images"
    items: int
    megabytes: int
    licence: str
    address: str = ""  # of its home page, for a person; none for texts made by rule
    files: tuple[OfficialFile, ...] = ()  # empty: bundled, or fetched by keras.datasets
    host: str = ""  # that must be reachable


_SVHN = "http://ufldl.stanford.edu/housenumbers/"
_STL10 = "http://ai.stanford.edu/~acoates/stl10/"
_OWN_LICENCE = "that of Handful; nobody wrote these texts"
_CIFAR_LICENCE = "none stated; by A. Krizhevsky, V. Nair, G. Hinton, for research"

CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        key="sample",
        title=SAMPLE_NAME,
        description="5,000 handwritten digits, 28 × 28 grey, bundled: needs no network.",
        items=5_000,
        megabytes=0,
        licence="CC BY-SA 3.0, Y. LeCun, C. Cortes, C. Burges",
        address="http://yann.lecun.com/exdb/mnist/",
    ),
    CatalogueEntry(
        key="posts",
        title="Posts",
        description="4,000 made-up posts of 30 to 60 words. Three questions: gender, age in years, "
        "one of ten income groups. The best possible figures are known.",
        kind="texts",
        items=4_000,
        megabytes=0,
        licence=_OWN_LICENCE,
    ),
    CatalogueEntry(
        key="headlines",
        title="Headlines",
        description="4,000 made-up headlines with three numbers beside each. One question: was it "
        "shared a lot? Some of the answer lies in the numbers.",
        kind="texts",
        items=4_000,
        megabytes=0,
        licence=_OWN_LICENCE,
    ),
    CatalogueEntry(
        key="mnist",
        title="MNIST",
        description="Handwritten digits, 28 × 28 grey, 60,000 to train and 10,000 to test.",
        items=70_000,
        megabytes=11,
        licence="CC BY-SA 3.0, Y. LeCun, C. Cortes, C. Burges",
        address="http://yann.lecun.com/exdb/mnist/",
        host="storage.googleapis.com",
    ),
    CatalogueEntry(
        key="fashion_mnist",
        title="Fashion-MNIST",
        description="Ten kinds of clothing, 28 × 28 grey, 60,000 to train and 10,000 to test.",
        items=70_000,
        megabytes=30,
        licence="MIT, Zalando SE",
        address="https://github.com/zalandoresearch/fashion-mnist",
        host="storage.googleapis.com",
    ),
    CatalogueEntry(
        key="cifar10",
        title="CIFAR-10",
        description="Ten kinds of things, 32 × 32 colour, 50,000 to train and 10,000 to test.",
        items=60_000,
        megabytes=163,
        licence=_CIFAR_LICENCE,
        address="https://www.cs.toronto.edu/~kriz/cifar.html",
        host="www.cs.toronto.edu",
    ),
    CatalogueEntry(
        key="cifar100",
        title="CIFAR-100",
        description="100 kinds of things, 32 × 32 colour, 50,000 to train and 10,000 to test.",
        items=60_000,
        megabytes=161,
        licence=_CIFAR_LICENCE,
        address="https://www.cs.toronto.edu/~kriz/cifar.html",
        host="www.cs.toronto.edu",
    ),
    CatalogueEntry(
        key="svhn",
        title="SVHN",
        description="House numbers from photographs, 32 × 32 colour, 73,257 to train and 26,032 "
        "to test.",
        items=99_289,
        megabytes=235,
        licence="for non-commercial use only, Y. Netzer and others",
        address=_SVHN,
        files=(
            OfficialFile(
                address=f"{_SVHN}train_32x32.mat", checksum="md5:e26dedcc434d2e4c54c9b2d4a06d8373"
            ),
            OfficialFile(
                address=f"{_SVHN}test_32x32.mat", checksum="md5:eb5a983be6a315427106f1b164d9cef3"
            ),
        ),
        host="ufldl.stanford.edu",
    ),
    CatalogueEntry(
        key="stl10",
        title="STL-10",
        description="Ten kinds of things, 96 × 96 colour, 5,000 to train, 8,000 to test and "
        "100,000 unlabelled. Takes 9 GB on disk while it is imported.",
        items=113_000,
        megabytes=2_518,
        licence="none stated; by A. Coates, H. Lee, A. Ng, drawn from ImageNet, for research",
        address=_STL10,
        files=(
            OfficialFile(
                address=f"{_STL10}stl10_binary.tar.gz",
                checksum="md5:91f7769df0f17e558f3565bffb0c7dfb",
            ),
        ),
        host="ai.stanford.edu",
    ),
)


def catalogue_entry(location: str) -> CatalogueEntry | None:
    """The entry that "sample" or "catalogue:KEY" names; None for a path. Raises UserError."""
    if location == "sample":
        location = f"{PREFIX}sample"
    if not location.startswith(PREFIX):
        return None
    key = location.removeprefix(PREFIX)
    for entry in CATALOGUE:
        if entry.key == key:
            return entry
    known = ", ".join(entry.key for entry in CATALOGUE)
    raise UserError(f"There is no dataset {key[:60]!r} in the catalogue. Known: {known}.")
