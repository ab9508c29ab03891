"""Settings that differ from head to head, as one text: "age=0.25, gender=2"."""

from collections.abc import Mapping
from typing import Literal, get_args

RegressionLoss = Literal["squared error", "huber"]
LARGEST_WEIGHT = 100.0


def weights_by_head(text: str) -> dict[str, float]:
    """ "age=0.25, gender=2" -> {"age": 0.25, "gender": 2.0}; nothing from an empty text.

    Raises ValueError for what is no such text, and for a weight outside 0 to 100.
    """
    return {name: _weight(name, value) for name, value in _by_head(text, "age=0.25").items()}


def losses_by_head(text: str) -> dict[str, str]:
    """ "age=huber" -> {"age": "huber"}; nothing from an empty text.

    Raises ValueError for what is no such text, and for a loss that is not known.
    """
    found = _by_head(text, "age=huber")
    for name, value in found.items():
        if value not in get_args(RegressionLoss):
            known = " or ".join(get_args(RegressionLoss))
            raise ValueError(f"received {value[:40]!r} for {name[:40]!r}, expected {known}")
    return found


def one_weight_text(text: str) -> str:
    """The same for all texts that mean the same weights. Raises ValueError."""
    return _text({name: f"{weight:.12g}" for name, weight in weights_by_head(text).items()})


def one_loss_text(text: str) -> str:
    """The same for all texts that mean the same losses. Raises ValueError."""
    return _text(losses_by_head(text))


def _text(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={values[name]}" for name in sorted(values))


def _weight(name: str, value: str) -> float:
    try:
        weight = float(value)
    except ValueError:
        weight = -1.0
    if 0 <= weight <= LARGEST_WEIGHT:  # NaN fails this too
        return weight
    raise ValueError(
        f"received {value[:40]!r} for {name[:40]!r}, expected a number from 0 to {LARGEST_WEIGHT:g}"
    )


def _by_head(text: str, example: str) -> dict[str, str]:
    """Name of a head -> what stands behind its equals sign. Raises ValueError."""
    found: dict[str, str] = {}
    for part in filter(str.strip, text.split(",")):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if not name or not value:
            raise ValueError(
                f"received {part.strip()[:60]!r}, expected the name of a head and its value, such "
                f"as {example}, with a comma before the next"
            )
        if name in found:
            raise ValueError(f"the head {name[:40]!r} is given twice, expected once")
        found[name] = value
    return found
