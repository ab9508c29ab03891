"""Who fills which place of the queue: a strategy, chance, and the part kept for the test figure."""

from collections.abc import Iterable, Iterator, Sequence

RANDOM_EVERY = 10  # of the places that are not kept for the test figure, every tenth is random
RANDOM_AT_FIRST = 2  # every second one, as long as there is no run to choose by


def mixed(
    first: int,
    limit: int,
    chosen: Sequence[int],
    drawn: Sequence[int],
    kept: Sequence[int],
    share: float,
    random_every: int = RANDOM_EVERY,
) -> list[int]:
    """At most `limit` items for the places `first`, `first` + 1 ... of a queue.

    first: how many items were dealt with, so that a queue that is asked for again, a few labels
    later, goes on in step. chosen: by a strategy. drawn: the same and more items in random order.
    kept: items kept aside for the test figure, in random order; they get `share` of the places,
    whatever the strategy (docs/decisions/0010). Where one kind has no item left, another one
    takes its place; no item comes twice.
    """
    taken: set[int] = set()
    sources = {
        "chosen": _unused(chosen, taken),
        "drawn": _unused(drawn, taken),
        "kept": _unused(kept, taken),
    }
    queue: list[int] = []
    for place in range(first, first + limit):
        order = (kind_of(place, share, random_every), "chosen", "drawn", "kept")
        item = next((item for name in order for item in sources[name]), None)
        if item is None:
            break
        queue.append(item)
    return queue


def kind_of(place: int, share: float, random_every: int = RANDOM_EVERY) -> str:
    """What fills a place: "kept", "drawn" or "chosen". share: of the places for kept items."""
    before = int(place * share + 0.5)
    if int((place + 1) * share + 0.5) > before:
        return "kept"
    return "drawn" if (place - before) % random_every == random_every - 1 else "chosen"


def _unused(items: Iterable[int], taken: set[int]) -> Iterator[int]:
    """Those of `items` that nobody has taken yet, taking them."""
    for item in items:
        if item not in taken:
            taken.add(item)
            yield item
