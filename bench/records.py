"""What finished runs of the accuracy benchmark answered and cost, kept under version control.

The tables in docs/benchmarks.md are written from bench/records.json, so a fresh checkout has all
of them and one method can be measured by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ssl_core.files import read_json, replace_bytes

RECORDS = Path(__file__).resolve().parent / "records.json"


@dataclass(frozen=True)
class Record:
    """What one finished run answered and cost, and where."""

    accuracy: float | None  # on the test split, averaged weights after the last step
    selected: float | None  # of the weights that were best on validation
    figures: dict[str, float]  # those of the rows: of the results, else the last of a metric
    mapping: str  # labels that clusters were mapped with; "" without clusters
    seconds: float  # of training
    images: int  # that went through a training step
    memory: int  # peak of the process, bytes
    steps: int
    measured: str  # date
    version: str  # of the code
    machine: str  # and its packages
    load: float | None  # of the machine before the run; None: not kept

    def figure(self, name: str) -> float | None:
        """The figure of a task; None where the run has none."""
        return self.accuracy if name == "accuracy" else self.figures.get(name)


def read_records(path: Path) -> dict[str, Record]:
    """What a record is kept under -> record; nothing where there is no file.

    Raises ValueError for a file that holds something else, TypeError for one of another version.
    """
    if not path.exists():
        return {}
    return {key: Record(**one) for key, one in read_json(path).items()}  # type: ignore[arg-type]


def write_records(path: Path, records: Mapping[str, Record]) -> None:
    """Replace the file, sorted, one record a line, so that a diff shows which runs are new."""
    lines = [
        f"{json.dumps(key)}: {json.dumps(asdict(records[key]), sort_keys=True)}"
        for key in sorted(records)
    ]
    replace_bytes(path, "{{\n{}\n}}\n".format(",\n".join(lines)).encode())
