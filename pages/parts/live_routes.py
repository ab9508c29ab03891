"""What a live page asks for without a rerun: new rows of metrics, pictures, the chart library."""

import gzip
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.parts.address import base_path
from pages.parts.chartplan import Chart, charts_of, head_titles, items_word, units_of
from pages.parts.guard import Answer, guarded
from ssl_core.errors import UserError
from ssl_core.runs.folder import PANELS, RunFolder, open_run
from ssl_core.runs.guides import guides_stamp, read_guides
from ssl_core.runs.phase_starts import phases_stamp, read_phase_starts
from ssl_core.runs.series import AXES, Axis, metric_series
from ssl_core.runs.status import FINAL_STATES, RunStatus
from ssl_core.runs.supervision import true_status
from ssl_core.workspace import Workspace

_YEAR = "private, max-age=31536000, immutable"
_PACKED_FROM = 4000  # bytes; what comes once a second is shorter
_PACKING = 4  # of 9: 100 kB in 3 ms
_STATUS_SECONDS = 0.7  # many viewers ask in the same second; the processes are looked at once
_statuses: dict[Path, tuple[float, RunStatus]] = {}


def live_routes() -> list[Route]:
    """The routes of the watch page. They only read; the gate before them checks who asks."""
    return [
        Route("/api/plotly.min.js", _plotly),
        Route("/api/runs/{run}/metrics", guarded(_metrics)),
        Route("/api/runs/{run}/panels/{panel}/{step:int}.png", _picture),
    ]


def metrics_address(run: str) -> str:
    """Where a live chart asks for the rows of `run`."""
    return f"{base_path()}/api/runs/{run}/metrics"


def picture_address(run: str, panel: str, step: int, stamp: int) -> str:
    """Where the PNG of an image grid lies; `stamp` changes when the picture does."""
    return f"{base_path()}/api/runs/{run}/panels/{panel}/{step}.png?stamp={stamp}"


def plotly_address() -> str:
    """Where the chart library lies; another version has another address, so it may be kept."""
    return f"{base_path()}/api/plotly.min.js?version={version('plotly')}"


def current_status(folder: RunFolder) -> RunStatus:
    """`true_status`, at most 0.7 s old."""
    now = time.monotonic()
    known = _statuses.get(folder.path)
    if known is None or now - known[0] > _STATUS_SECONDS:
        if len(_statuses) > 500:
            _statuses.clear()
        known = _statuses[folder.path] = (now, true_status(folder))
    return known[1]


def panels_stamp(folder: RunFolder) -> str:
    """A text that changes whenever a panel of the run gets a new picture."""
    try:
        found = sorted((folder.path / PANELS).iterdir())
        return " ".join(f"{path.stat().st_mtime_ns:x}" for path in found)
    except OSError:
        return ""


def _metrics(request: Request) -> Answer:
    """Rows after byte `since`, at most about 40 kB, with what the page must know beside them."""
    workspace = Workspace.open()
    folder = open_run(workspace, request.path_params["run"])
    question = request.query_params
    axis = next((known for known in AXES if known == question.get("axis")), "step")
    status = current_status(folder)  # before the rows: a run seen as ended has all its rows
    series = metric_series(folder.path)
    reply = series.reply(_number(question.get("since")), _number(question.get("generation")), axis)
    stamps = f"{guides_stamp(folder.path)}-{phases_stamp(folder.path)}"
    planned = f"{series.generation}-{len(series.names())}-{stamps}"
    if question.get("planned") != planned:
        reply |= {"planned": planned, "charts": _charts(workspace, folder)}
        reply |= {"phases": _phases(folder, axis)}
    reply |= {
        "state": status.state,
        "alive": status.state not in FINAL_STATES,
        "panels": panels_stamp(folder),
    }
    return _packed(reply, "gzip" in request.headers.get("accept-encoding", ""))


def _packed(reply: dict[str, object], packs: bool) -> Response:
    """The reply as JSON, packed where it is long and the browser can unpack it."""
    answer = JSONResponse(reply, headers={"Cache-Control": "no-store"})
    if not packs or len(answer.body) < _PACKED_FROM:
        return answer
    headers = {"Cache-Control": "no-store", "Content-Encoding": "gzip"}
    content = gzip.compress(answer.body, _PACKING)
    return Response(content, media_type="application/json", headers=headers)


def _charts(workspace: Workspace, folder: RunFolder) -> list[Chart]:
    """What is drawn of the metrics so far; sent again when there are others."""
    names, request = metric_series(folder.path).names(), folder.request()
    items = items_word(workspace, request)
    guides, titles = read_guides(folder.path), head_titles([request])
    return charts_of(names, guides, units_of(request), titles, items)


def _phases(folder: RunFolder, axis: Axis) -> list[dict[str, str | float]]:
    """Where on the axis the later phases began; the first begins where the axis does."""
    starts = [start for start in read_phase_starts(folder.path) if start.step > 0]
    places = metric_series(folder.path).places_of([start.step for start in starts], axis)
    return [
        {"name": start.name, "place": place} for start, place in zip(starts, places, strict=True)
    ]


def _picture(request: Request) -> Response:
    """A PNG for an <img>, which cannot send the header that `guarded` asks for."""
    names = request.path_params
    try:
        folder = open_run(Workspace.open(), names["run"])
        content = folder.panel_png(names["panel"], names["step"])
    except UserError as error:
        return PlainTextResponse(f"{error}\n", 404)
    return Response(content, media_type="image/png", headers={"Cache-Control": _YEAR})


def _plotly(request: Request) -> Response:
    """plotly.min.js as it came with the plotly package."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        return PlainTextResponse("plotly is not installed\n", 404)
    script = Path(found.origin).parent / "package_data" / "plotly.min.js"
    return FileResponse(script, media_type="text/javascript", headers={"Cache-Control": _YEAR})


def _number(text: str | None) -> int:
    """`text` as a number, 0 where it is none: a chart then starts again from the first row."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
