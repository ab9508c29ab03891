"""Items of the classes that have the fewest labels, by what a run takes them for."""

from collections import deque
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray


def class_balanced(
    predicted: NDArray[np.integer], counts: NDArray[np.integer], limit: int
) -> NDArray[np.int64]:
    """Places of at most `limit` items: each is of the class with the fewest labels so far.

    An item that was chosen counts as a label of the class it is predicted to be. predicted: (n,),
    in the order in which items of one class are taken. counts: (classes,), labels so far. Of
    classes with equally many the first is taken. Returns (k,), int64.
    """
    waiting = [deque(np.flatnonzero(predicted == k)[:limit].tolist()) for k in range(len(counts))]
    heap = [(int(counts[k]), k) for k, places in enumerate(waiting) if places]
    heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < limit:
        count, k = heappop(heap)
        chosen.append(waiting[k].popleft())
        if waiting[k]:
            heappush(heap, (count + 1, k))
    return np.array(chosen, np.int64)
