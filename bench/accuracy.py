"""Test accuracy of every method with its default settings: `python -m bench.accuracy [METHOD ...]`.

Each is trained as the product trains it, one run after the other, for draws 1 to 3 of the labels
(the draw is the seed of the run as well). Every finished run is kept in bench/records.json, which
is under version control: what is there is not trained again, so a benchmark that was interrupted
goes on where it was, and --again trains anew. The tables in docs/benchmarks.md are written from
all that is kept, so one method by itself leaves the rows of the others. --quick is a check of the
benchmark itself: the bundled sample, few steps, one draw; nothing is kept or written.
"""

import argparse
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from bench.accuracy_table import key_of, page_of, printed, write_accuracy
from bench.real_runs import prepare, remove, train
from bench.records import RECORDS, read_records, write_records
from bench.tasks import MATERIALS, Task, cifar_tasks, tasks
from ssl_core.errors import UserError
from ssl_core.runs.devices import list_devices
from ssl_core.workspace import Workspace
from tests.support.dashboard import ROOT

BUILD = ROOT / "build" / "bench"
STEPS, CIFAR_STEPS, QUICK_STEPS = 1000, 20_000, 40
DRAWS = (1, 2, 3)


class Bench:
    """Runs that are missing are trained in `work`; those that were trained are kept in a file."""

    def __init__(self, work: Path, kept: Path, device: str, *, quick: bool) -> None:
        self.work, self.kept = work, kept
        self.device, self.quick = device, quick
        self.records = {} if quick else read_records(kept)

    def clean(self) -> None:
        """End the runs that an interrupted benchmark left, and remove what it prepared."""
        for path in self.work.glob("*/runs/[0-9]*"):
            remove(Workspace.open(path.parent.parent), path.name)
        shutil.rmtree(self.work, ignore_errors=True)

    def measure(self, task: Task, draw: int, steps: int, *, again: bool) -> None:
        """Train one row for one draw unless that was done. Raises UserError, RuntimeError."""
        key = key_of(task, draw, steps, self.device)
        if key in self.records and not again:
            return
        material = MATERIALS[task.material]
        if self.quick and material.quick:
            material = replace(material, source=material.quick)
        name = f"quick-{task.material}" if self.quick else task.material
        workspace, dataset = prepare(self.work, name, material, draw)
        record = train(workspace, task, dataset, draw, steps, self.device)
        self.records[key] = record
        if not self.quick:
            write_records(self.kept, self.records)
        print(f"{task.name}, draw {draw}: {printed(task, record)}", file=sys.stderr, flush=True)


def chosen_tasks(names: list[str], known: list[Task]) -> list[Task]:
    """The tasks called by their name or by their method. Raises UserError for an unknown one."""
    words = {word for task in known for word in (task.name, task.method)}
    unknown = [name for name in names if name not in words]
    if unknown:
        raise UserError(
            f"There is no task {', '.join(unknown)}. Expected some of: {', '.join(sorted(words))}."
        )
    return [task for task in known if not names or {task.name, task.method} & set(names)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("methods", nargs="*", help="methods or rows; all by default")
    parser.add_argument("--draws", nargs="*", type=int, default=None, help="default 1 2 3")
    parser.add_argument("--steps", type=int, help=f"default {STEPS}")
    parser.add_argument("--device", help="default cpu; of --cifar10 the first GPU, if any")
    parser.add_argument("--quick", action="store_true", help="a check in minutes, not comparable")
    parser.add_argument("--cifar10", action="store_true", help="CIFAR-10 with 4,000 labels")
    parser.add_argument("--again", action="store_true", help="train what was trained before")
    return parser.parse_args()


def main() -> int:
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(BUILD / "accuracy.lock", timeout=0):
            began = time.perf_counter()
            failed = _measure_all(options)
            print(f"This took {(time.perf_counter() - began) / 60:.1f} minutes.")
            return failed
    except Timeout:
        print("Another accuracy benchmark is running in this folder.", file=sys.stderr)
    except UserError as error:
        print(error, file=sys.stderr)
    return 1


def _measure_all(options: argparse.Namespace) -> int:
    """Everything that was asked for, then the page. 1 where a run failed."""
    device = options.device or _device(options.cifar10)
    graphics = device != "cpu"
    known = cifar_tasks(graphics=graphics) if options.cifar10 else tasks()
    chosen = chosen_tasks(options.methods, known)
    usual = CIFAR_STEPS if options.cifar10 and graphics else STEPS
    default = QUICK_STEPS if options.quick else usual
    steps, draws = (
        options.steps or default,
        options.draws or (DRAWS[:1] if options.quick else DRAWS),
    )
    bench = Bench(BUILD / "work", RECORDS, device, quick=options.quick)
    bench.clean()
    failed = []
    for draw in draws:
        for task in chosen:
            try:
                bench.measure(task, draw, steps, again=options.again)
            except RuntimeError as error:
                failed.append(task.name)
                print(f"{task.name}, draw {draw}: {error}", file=sys.stderr, flush=True)
    bench.clean()
    text = page_of(known, bench.records, steps, bench.device)
    print(text)
    if options.quick:
        print(f"A quick run of {steps} steps on the sample: its figures compare with nothing.")
    elif steps == default and (title := _title(device, cifar10=options.cifar10)):
        write_accuracy(text, title)
    return 1 if failed else 0


def _title(device: str, *, cifar10: bool) -> str:
    """The table that runs on this device stand in; "" where there is none."""
    if device == "cpu":
        return "CIFAR-10 on a CPU" if cifar10 else "MNIST"
    return "CIFAR-10" if cifar10 else ""


def _device(graphics: bool) -> str:
    """The processor, or the first GPU where one is wanted and there is one."""
    found = [device.name for device in list_devices() if device.name != "cpu"]
    return found[0] if graphics and found else "cpu"


if __name__ == "__main__":
    sys.exit(main())
