"""The dashboard as a person starts it, and the browser they open it in."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
WAIT_MILLISECONDS = 15_000  # for what is expected on screen: two tests share two cores
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Dashboard:
    """One server on a free port of this machine; `restart` keeps port and workspace."""

    workspace: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    seconds_to_health: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until the server answers. Raises RuntimeError after 60 seconds."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        self.workspace.mkdir(parents=True, exist_ok=True)
        with (self.workspace / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.port", str(self.port)],
                cwd=ROOT,
                env={**os.environ, "HANDFUL_WORKSPACE": str(self.workspace), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while time.perf_counter() - began < 60:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    self.seconds_to_health = time.perf_counter() - began
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError((self.workspace / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """kill -9 of the server and its threads; trainings are processes of their own."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def dashboard(workspace: Path, **environment: str) -> Iterator[Dashboard]:
    """A running dashboard on `workspace`; killed at the end."""
    served = Dashboard(workspace, environment)
    try:
        served.start()
        yield served
    finally:
        served.kill()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is missing: apt-get install chromium")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def draw_rectangle(page: Page, area: Locator) -> tuple[float, float]:
    """Press the mouse in an area, as of a chart, and let it go further right and down.

    Returns where it was pressed, from the left and the top of the window in pixels.
    """
    box = area.bounding_box()
    assert box
    left, top = box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + box["width"] * 0.3, top + box["height"] * 0.5, steps=5)
    page.mouse.up()
    return left, top
