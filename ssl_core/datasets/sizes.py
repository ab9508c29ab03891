"""To which one size the images of a source are brought, and the sentence that says so."""

from collections.abc import Mapping

from ssl_core.errors import UserError

SIDE_LIMIT = 512  # pixels
Size = tuple[int, int]  # height, width; pixels


def check_side(size: int | None) -> None:
    """Raise UserError for a side that images cannot be brought to."""
    if size is not None and not 1 <= size <= SIDE_LIMIT:
        raise UserError(
            f"The image size {size} is not possible. Expected a side of 1 to {SIDE_LIMIT} pixels."
        )


def common_size(counts: Mapping[Size, int], size: int | None) -> tuple[Size, str]:
    """The size of every stored image, and the resize rule in one sentence.

    counts: original size -> number of images, not empty. size: side of the square asked for.
    """
    if size is None and len(counts) == 1:
        own = next(iter(counts))
        if max(own) <= SIDE_LIMIT:
            return own, f"All images kept their own size of {own[0]} × {own[1]} pixels."
    side = size or _median_side(counts)
    if set(counts) == {(side, side)}:
        return (side, side), f"All images kept their own size of {side} × {side} pixels."
    return (side, side), (
        f"Images of another size were scaled, proportions kept, until the whole image just fits "
        f"into {side} × {side} pixels, and centred on black."
    )


def describe_sizes(counts: Mapping[Size, int], limit: int = 20) -> dict[str, int]:
    """ "height × width" -> count, the commonest first, at most `limit`."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {f"{height} × {width}": count for (height, width), count in ordered[:limit]}


def _median_side(counts: Mapping[Size, int]) -> int:
    """Median over all images of the longer side, at most SIDE_LIMIT."""
    sides = sorted((max(size), count) for size, count in counts.items())
    half, seen = sum(counts.values()) / 2, 0
    for side, count in sides:
        seen += count
        if seen >= half:
            return min(side, SIDE_LIMIT)
    raise ValueError("common_size was called without any image")
