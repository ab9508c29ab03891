"""/api/upload: files streamed to disk, so that memory does not grow with their size."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.parts.guard import Refused, guarded
from pages.parts.session import workspace
from pages.parts.uploads import (
    INSIDE,
    MOST_FILES,
    batch_folder,
    check_room,
    checked_path,
    receive,
    remove_old_uploads,
    remove_upload,
)
from ssl_core.errors import UserError

_COUNTS: dict[str, int] = {}  # files of each upload since this server started


def upload_routes() -> list[Route]:
    """The routes that the upload field calls: one POST a file, a DELETE when it is cancelled."""
    return [
        Route("/api/upload", guarded(upload, json_body=False), methods=["POST"]),
        Route("/api/upload", guarded(discard, json_body=False), methods=["DELETE"]),
    ]


async def upload(request: Request) -> JSONResponse:
    """Query: `batch` (hexadecimal, made by the browser) and `name` (relative path). Body: bytes."""
    if request.headers.get("content-type", "") != "application/octet-stream":
        raise Refused(415, "Expected the bytes of one file as application/octet-stream.")
    batch = request.query_params.get("batch", "")
    path = checked_path(request.query_params.get("name", ""))
    folder = batch_folder(workspace(), batch) / INSIDE
    try:
        if batch not in _COUNTS:  # a server may run for months
            await run_in_threadpool(remove_old_uploads, workspace())
        _COUNTS[batch] = _COUNTS.get(batch, 0) + 1
        if _COUNTS[batch] > MOST_FILES:
            raise UserError(f"More than {MOST_FILES} files. Pack them into one zip archive.")
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, int(request.headers.get("content-length", "0")))
        written = await receive(folder, path, request.stream())
    except (ClientDisconnect, ValueError):
        raise Refused(400, "The upload was cut off. Choose the file again.") from None
    except OSError as error:
        sentence = f"The file could not be stored: {error.strerror}. Make room and try again."
        raise Refused(507, sentence) from error
    return JSONResponse({"name": path.as_posix(), "bytes": written})


def discard(request: Request) -> JSONResponse:
    """Remove an upload that was cancelled or failed. Query: `batch`."""
    batch = request.query_params.get("batch", "")
    folder = batch_folder(workspace(), batch)
    _COUNTS[batch] = MOST_FILES  # a file that is still on its way must not bring it back
    remove_upload(workspace(), str(folder))
    return JSONResponse({})
