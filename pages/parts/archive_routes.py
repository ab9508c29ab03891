"""/api/archives: a packed workspace, sent from the disk in parts, so that memory does not grow."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.parts.session import workspace
from ssl_core.errors import UserError
from ssl_core.packing.jobs import archive_to_download


def archive_routes() -> list[Route]:
    """One route, which only reads; the gate before it checks who asks."""
    return [Route("/api/archives/{job}", _archive)]


def _archive(request: Request) -> Response:
    job = request.path_params["job"]
    try:
        path = archive_to_download(workspace(), job)
    except UserError as error:
        return PlainTextResponse(f"{error}\n", 404)
    name = f"handful-{job.rpartition('-')[0]}.zip"
    return FileResponse(path, media_type="application/zip", filename=name)
