"""The training process of one run: `python -m ssl_core.training.worker RUN_FOLDER`.

Light until its turn on the device has come, so that runs that wait cost little memory.
"""

import importlib
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.runs.devices import DeviceTurn
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import FINAL_STATES, Results
from ssl_core.runs.supervision import identity_of_this_process
from ssl_core.runs.writer import RunWriter
from ssl_core.training.failures import Stopped, explained
from ssl_core.training.lifecycle import Heartbeat, StopFlag, publish_progress
from ssl_core.training.priority import step_back
from ssl_core.training.progress import Progress
from ssl_core.workspace import Workspace

STOPPED = "Stopped by user. Resume continues from the last checkpoint."
log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Train the run in the folder that is the only argument. Returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m ssl_core.training.worker RUN_FOLDER", file=sys.stderr)
        return 2
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(message)s", force=True
    )
    step_back()
    stop = StopFlag()
    stop.listen()
    folder = Path(arguments[0]).resolve()
    writer = RunWriter(folder)
    known = RunFolder(folder).status()
    if known.state in FINAL_STATES:
        log.info("this run has already ended")
        return 0
    # Until the checkpoint is read, what the run last said of itself stays true.
    progress = Progress(known.steps, known.step, known.images_seen, known.seconds)
    writer.status(process=identity_of_this_process(), phase="starting")
    with Heartbeat(writer, progress):
        code = _run(folder, writer, progress, stop)
    writer.close()
    _let_study_go_on(folder)
    return code


def _let_study_go_on(folder: Path) -> None:
    """Make the next runs of the study that this one belongs to, so that nobody has to watch."""
    try:
        cell = RunFolder(folder).request().cell
        if cell is not None:
            progress = importlib.import_module("ssl_core.studies.progress")
            progress.advance(Workspace(folder.parent.parent), cell.study)
    except (UserError, OSError) as error:  # the study was deleted, or the disk is full
        log.warning("the study does not go on: %s", error)


def _run(folder: Path, writer: RunWriter, progress: Progress, stop: StopFlag) -> int:
    """Wait, train, and write how it ended, whatever happens."""
    try:
        results = _train_in_turn(folder, writer, progress, stop)
    except Stopped:
        log.info("stopped by user at step %d", progress.step)
        publish_progress(writer, progress, state="stopped", phase="", message=STOPPED)
        return 0
    except BaseException as error:
        log.exception("the run failed")
        # Where the disk is full, the process is gone without a final state: shown as failed too.
        with suppress(OSError):
            publish_progress(writer, progress, state="failed", phase="", message=explained(error))
        return 1
    publish_progress(writer, progress, state="finished", phase="", message="", results=results)
    log.info("finished: test accuracy %s", results.test_accuracy)
    return 0


def _train_in_turn(folder: Path, writer: RunWriter, progress: Progress, stop: StopFlag) -> Results:
    """Wait for the device, then bring in the framework and train."""
    request = RunFolder(folder).request()
    title = request.device.upper().replace(":", " ")
    last_said = [-1]

    def waiting(before: int) -> None:
        stop.check()
        if before != last_said[0]:
            last_said[0] = before
            writer.status(phase=f"waiting for the {title}, {before} before this one")

    with DeviceTurn(Workspace(folder.parent.parent), folder, waiting):
        stop.check()
        writer.status(state="running", phase="starting TensorFlow")
        _choose_device(request.device)
        session = importlib.import_module("ssl_core.training.session")
        stop.check()
        results: Results = session.train(folder, writer, progress, stop)
        return results


def _choose_device(device: str) -> None:
    """Show the framework the chosen device only; this must come before its first import."""
    os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # numbered as nvidia-smi numbers them
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1" if device == "cpu" else device.partition(":")[2]
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
