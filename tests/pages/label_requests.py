"""Requests to the routes of the label page, as its board and its grid send them."""

import json
from typing import Any

from asgi_client import call
from starlette.applications import Starlette

from pages.parts.labelboard.routes import label_routes
from pages.parts.labelgrid.routes import grid_routes

HEADERS = {"X-Handful": "1", "Content-Type": "application/json"}
APP = Starlette(routes=[*label_routes(), *grid_routes()])


def board(person: str = "me", **query: object) -> dict[str, Any]:
    """All that the board of the dataset `tiny` shows to a person."""
    text = {name: str(value) for name, value in {"person": person, **query}.items()}
    answer = call(APP, "GET", "/api/labels/tiny/board", query=text, headers=HEADERS)
    assert answer.status == 200
    return answer.json()


def post(what: str, **body: object) -> tuple[int, dict[str, Any]]:
    """Status and answer of something that a person did with the dataset `tiny`."""
    content = json.dumps(body).encode()
    answer = call(APP, "POST", f"/api/labels/tiny/{what}", headers=HEADERS, body=content)
    return answer.status, answer.json()
