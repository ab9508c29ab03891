"""Every page opened in a process of its own, and then a look at what got imported."""

import json
import os
import subprocess
import sys

from pages_under_test import ROOT

from pages.parts.screens import SCREENS

SCRIPT = """
import json, sys
from streamlit.testing.v1 import AppTest
import app
from pages.parts.screens import SCREENS
page = AppTest.from_file("pages/parts/navigation.py", default_timeout=60).run()
errors = []
for entry in SCREENS:
    page.switch_page(str(entry.file)).run()
    errors += [f"{entry.key}: {error.value}" for error in page.exception]
heavy = sorted({"tensorflow", "keras", "jax", "torch", "onnx", "tf2onnx"} & set(sys.modules))
print(json.dumps({"heavy": heavy, "errors": errors}))
"""


def test_no_page_imports_a_learning_framework(workspace, make_dataset):
    make_dataset()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "HANDFUL_WORKSPACE": str(workspace.root)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == {"heavy": [], "errors": []}
    assert len(SCREENS) >= 6
