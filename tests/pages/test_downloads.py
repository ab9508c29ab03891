"""Buttons and links that download."""

import ast
import json

from asgi_client import call
from starlette.applications import Starlette

from pages.parts.downloads import download_routes
from ssl_core.workspace import PROJECT_ROOT, Workspace

JOB = "20260101-000000-abcdef"


def test_a_click_on_a_download_does_not_draw_the_page_again() -> None:
    """What a click makes belongs to one drawing, and is gone where the next one is faster."""
    found = {}
    for path in (PROJECT_ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.download_button":
                options = {one.arg: ast.unparse(one.value) for one in node.keywords}
                found[f"{path.name}:{node.lineno}"] = options.get("on_click")
    assert len(found) >= 4
    assert set(found.values()) == {"'ignore'"}, found


def test_a_model_is_streamed_from_the_disk(workspace: Workspace) -> None:
    folder = workspace.exports / JOB
    folder.mkdir()
    request = {"run": "run-1", "form": "onnx", "created": "2026-01-01T00:00:00+00:00"}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "progress.json").write_text(json.dumps({"state": "finished"}))
    server = Starlette(routes=download_routes())
    assert call(server, "GET", f"/api/models/{JOB}").status == 404
    (folder / "model.zip").write_bytes(b"content")
    answer = call(server, "GET", f"/api/models/{JOB}")
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(b"content")))
    assert 'filename="run-1-onnx.zip"' in answer.headers["content-disposition"]
    for name in ("none", "..", JOB.upper()):
        assert call(server, "GET", f"/api/models/{name}").status == 404
    (folder / "request.json").write_text("{}")
    assert call(server, "GET", f"/api/models/{JOB}").status == 404
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "progress.json").write_text(json.dumps({"state": "failed"}))
    assert call(server, "GET", f"/api/models/{JOB}").status == 404
