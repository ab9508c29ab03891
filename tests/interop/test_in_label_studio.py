"""Our tasks in the real Label Studio: imported over its HTTP interface, exported by it, read back.

Runs with `make test-interop`, which installs Label Studio in an environment of its own.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssl_core.labels.label_studio import export_label_studio, labelling_config
from ssl_core.labels.label_studio_import import import_label_studio
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import label
from tests.labels.label_facts import facts
from tests.support.dashboard import free_port
from tests.support.heads import make_texts

PROGRAM = os.environ.get("HANDFUL_LABEL_STUDIO", "label-studio")
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # of the account that this test makes
STARTS_WITHIN = 600  # seconds: the first start makes its database
pytestmark = [
    pytest.mark.skipif(os.environ.get("HANDFUL_INTEROP") != "1", reason="make test-interop"),
    pytest.mark.timeout(STARTS_WITHIN + 300),
]


class LabelStudio:
    """A running server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def call(self, path: str, body: object = None) -> Any:
        """What the server answers: to a GET, or to a POST where there is a body."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", content, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    """Label Studio with an empty database, on a port of its own."""
    folder, port = tmp_path_factory.mktemp("label-studio"), free_port()
    command = [PROGRAM, "start", "--no-browser", "--internal-host", "127.0.0.1"]
    command += ["--port", str(port), "--data-dir", str(folder), "--user-token", TOKEN]
    command += ["--username", "test@example.org", "--password", "only-for-this-test-1"]
    more = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
    }
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        studio = LabelStudio(f"http://127.0.0.1:{port}")
        wait_for(studio, process, folder / "log.txt")
        yield studio
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(studio: LabelStudio, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            studio.call("/api/projects")
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    pytest.fail(f"Label Studio did not start:\n{log.read_text(errors='replace')[-2000:]}")


def through_label_studio(studio: LabelStudio, tasks: Path, config: str, target: Path) -> None:
    """Import the file of tasks into a new project and write what the project exports."""
    project = studio.call("/api/projects", {"title": "Handful", "label_config": config})["id"]
    received = studio.call(f"/api/projects/{project}/import", tasks.read_bytes())
    sent = json.loads(tasks.read_text("utf-8"))
    assert received["task_count"] == len(sent)
    assert received["annotation_count"] == sum(len(task["annotations"]) for task in sent)
    exported = studio.call(
        f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true"
    )
    for before, after in zip(sent, exported, strict=True):
        assert after["data"] == before["data"]
        for one, other in zip(before["annotations"], after["annotations"], strict=True):
            assert other["result"] == one["result"]
            assert other["lead_time"] == one["lead_time"]
    target.write_text(json.dumps(exported), encoding="utf-8")


def some_labels(store: LabelStore) -> None:
    first, second, *_ = (one.identifier for one in store.classes())
    store.append(
        [
            label(0, first, "ann", seconds=2.5),
            label(0, second, "bob", seconds=1.25),
            label(5, second, "bob", origin="grid", batch="b", seconds=0.5),
        ]
    )


def test_images_and_their_labels_come_back_as_they_were(
    server: LabelStudio, make_dataset, tmp_path: Path
) -> None:
    dataset = make_dataset(classes=("cat", "dög", '<"&>'), shape=(8, 8, 3))
    other = make_dataset(classes=("cat", "dög", '<"&>'), shape=(8, 8, 3), name="other")
    store = open_labels(dataset)
    some_labels(store)
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.json"
    export_label_studio(dataset, store, tasks)
    through_label_studio(server, tasks, labelling_config(dataset, store), back)
    assert import_label_studio(other, open_labels(other), back).labelled == 3
    assert facts(open_labels(other)) == facts(store)


def test_texts_with_several_questions_come_back_as_they_were(
    server: LabelStudio, workspace: Workspace, tmp_path: Path
) -> None:
    dataset, other = make_texts(workspace), make_texts(workspace, name="again")
    store = open_labels(dataset)
    some_labels(store)
    yes = store.classes("urgent")[1].identifier
    store.append(
        [label(0, yes, "ann", head="urgent"), label(7, -2.125, "bob", head="age", seconds=3.0)]
    )
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.json"
    export_label_studio(dataset, store, tasks)
    through_label_studio(server, tasks, labelling_config(dataset, store), back)
    assert import_label_studio(other, open_labels(other), back).labelled == 5
    assert facts(open_labels(other)) == facts(store)
