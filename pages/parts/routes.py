"""The HTTP routes of our own, gathered from the rooms that define them."""

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from pages.parts.downloads import download_routes
from pages.parts.labelboard.routes import label_routes
from pages.parts.labelgrid.routes import grid_routes
from pages.parts.live_routes import live_routes
from pages.parts.upload_routes import upload_routes


def routes() -> list[Route]:
    """All routes: everything below /api/, and the other address of the first screen."""
    return [
        Route("/home", _home),
        *label_routes(),
        *grid_routes(),
        *live_routes(),
        *upload_routes(),
        *download_routes(),
    ]


async def _home(request: Request) -> RedirectResponse:
    """The first screen lives at the root; streamlit answers /home with 'page not found'."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{query}")
