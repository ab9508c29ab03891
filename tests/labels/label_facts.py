"""What the labels of a dataset come to, said without its identifiers."""

from ssl_core.labels.review import every_answer
from ssl_core.labels.store import LabelStore


def facts(store: LabelStore) -> list[tuple[object, ...]]:
    """Item, head, class name or number, person, seconds and origin of every answer in force."""
    names = {one.identifier: one.name for head in store.heads() for one in store.classes(head.name)}
    return sorted(
        (one.item, one.head, answer, one.person, one.seconds, one.origin)
        for one in every_answer(store)
        for answer in [names[one.value] if isinstance(one.value, int) else one.value]
    )
