"""From the paths of image files to splits and classes."""

from collections.abc import Iterable
from dataclasses import dataclass

from ssl_core.datasets.names import natural_key

_TRAIN = ("train", "training")
_TEST = ("test", "testing")
_UNLABELLED = ("unlabelled", "unlabeled")
_VALIDATION = ("valid", "val", "validation")
_ALWAYS_SPLITS = _TEST + _UNLABELLED + _VALIDATION
_DROPPINGS = ("__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "@eadir", "$recycle.bin")
_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
_PNM = (".ppm", ".pgm", ".pbm", ".pnm")
_OTHER = (".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".avif")
IMAGE_ENDINGS = _JPEG + _PNM + _OTHER

NO_IMAGE = (
    "its ending is not one of an image that is read here (jpg, png, bmp, gif, webp, tif, pnm, avif)"
)


@dataclass(frozen=True)
class Arrangement:
    """Where each path belongs: path -> (split, class or None), sorted; paths outside; notes."""

    members: dict[str, tuple[str, str | None]]
    outside: list[str]
    notes: list[str]


def is_dropping(path: str) -> bool:
    """Files that systems leave behind and nobody misses: silently ignored."""
    parts = path.lower().split("/")
    return any(
        part in _DROPPINGS or (part.startswith(".") and part not in (".", "..")) for part in parts
    )


def is_image_name(path: str) -> bool:
    """Whether the ending is one of an image format, in upper or lower case."""
    return path.lower().endswith(IMAGE_ENDINGS)


def arrange(paths: Iterable[str]) -> Arrangement:
    """Find splits and classes in folder names.

    A folder around everything is looked through. train/, test/ and unlabelled/ (unlabeled/) are
    splits; validation folders are added to the training split. The first folder below is the
    class, deeper folders only group files. Images in no folder have no class.
    """
    all_paths = list(paths)
    depth = _wrapper_depth(all_paths)
    split_of, has_train = _split_folders(all_paths, depth)
    members: dict[str, tuple[str, str | None]] = {}
    outside: list[str] = []
    for path in sorted(all_paths, key=natural_key):
        parts = path.split("/")[depth:]
        first = parts[0] if len(parts) > 1 else None
        split = split_of.get(first) if first is not None else None
        below = parts[1:] if split is not None else parts
        if has_train and split is None and first is not None:
            outside.append(path)
            continue
        label = below[0] if len(below) > 1 and split != "unlabelled" else None
        members[path] = (split or "train", label)
    return Arrangement(members, outside, _validation_notes(split_of))


def _wrapper_depth(paths: list[str]) -> int:
    """How many folders lie around everything else."""
    split = [path.split("/") for path in paths]
    depth = 0
    while split and all(len(parts) > depth + 1 for parts in split):
        names = {parts[depth] for parts in split}
        name = next(iter(names)).lower()
        if len(names) > 1 or name in _TRAIN + _ALWAYS_SPLITS:
            break
        depth += 1
    return depth


def _split_folders(paths: list[str], depth: int) -> tuple[dict[str, str], bool]:
    """Folder name -> split, and whether there is a training folder.

    `train` is also a means of transport: a folder of that name with images right in it, beside
    other classes and without a test folder, is a class.
    """
    folders: dict[str, bool] = {}
    for path in paths:
        parts = path.split("/")[depth:]
        if len(parts) > 1:
            folders[parts[0]] = folders.get(parts[0], False) or len(parts) > 2
    found: dict[str, str] = {}
    for folder, nested in folders.items():
        name = folder.lower()
        rivals = [other for other in folders if other.lower() not in _TRAIN + _ALWAYS_SPLITS]
        tests = any(other.lower() in _TEST for other in folders)
        if name in _TEST:
            found[folder] = "test"
        elif name in _UNLABELLED:
            found[folder] = "unlabelled"
        elif name in _VALIDATION or (name in _TRAIN and (nested or tests or not rivals)):
            found[folder] = "train"
    return found, any(folder.lower() in _TRAIN for folder in found)


def _validation_notes(split_of: dict[str, str]) -> list[str]:
    return [
        f"The images of the folder {folder}/ were added to the training split: validation images "
        "are drawn from your labels when a training starts."
        for folder in split_of
        if folder.lower() in _VALIDATION
    ]
