"""/api/archives and /api/models: what a job made, streamed from the disk, and the links to it.

A link stays true however often the page is drawn again, and memory does not grow with the file.
"""

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.parts.address import base_path
from pages.parts.session import workspace
from pages.parts.words import size
from ssl_core.errors import UserError
from ssl_core.exports.jobs import model_to_download
from ssl_core.packing.jobs import archive_to_download
from ssl_core.workspace import Workspace

# What finds the file of a job in a workspace, and its name for the person who saves it.
_Finder = Callable[[Workspace, str], tuple[Path, str]]
_FINDERS: dict[str, _Finder] = {"archives": archive_to_download, "models": model_to_download}


def archive_link(job: str) -> None:
    """The packed workspace of a finished job. Raises UserError where it is no longer kept."""
    _link("archives", job)


def model_link(job: str) -> None:
    """The model of a finished export. Raises UserError where it is no longer kept."""
    _link("models", job)


def download_routes() -> list[Route]:
    """One route a kind, which only reads; the gate before it checks who asks."""
    return [Route(f"/api/{kind}/{{job}}", _answer(find)) for kind, find in _FINDERS.items()]


def _link(kind: str, job: str) -> None:
    path, _ = _FINDERS[kind](workspace(), job)
    address = escape(f"{base_path()}/api/{kind}/{job}")
    weight = size(path.stat().st_size)
    st.html(f'<a class="hf-download" href="{address}" download>Download {weight}</a>')


def _answer(find: _Finder) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            path, name = find(workspace(), request.path_params["job"])
        except UserError as error:
            return PlainTextResponse(f"{error}\n", 404)
        return FileResponse(path, media_type="application/zip", filename=name)

    return answer
