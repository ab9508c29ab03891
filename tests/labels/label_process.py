"""A process that labels until it is killed and prints each event that was acknowledged.

Started by test_store_crash.py: python label_process.py DATASET FIRST_ITEM COUNT
"""

import sys
import uuid

from ssl_core.datasets.dataset import open_dataset
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace


def main() -> None:
    dataset = open_dataset(Workspace.open(), sys.argv[1])
    store = open_labels(dataset)
    first, count = int(sys.argv[2]), int(sys.argv[3])
    print("ready", flush=True)
    for item in range(first, first + count):
        event = LabelEvent(
            event=uuid.uuid4().hex, kind="label", person=f"p{first}", item=item, value=1
        )
        for acknowledged in store.append([event]):
            print(acknowledged, flush=True)


if __name__ == "__main__":
    main()
