"""The guard of our own HTTP routes: a foreign page gets nothing done."""

import json

import pytest
from asgi_client import HOST, call
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.parts.guard import Refused, field, guarded, payload_of
from ssl_core.errors import UserError

OURS = {"X-Handful": "1", "Content-Type": "application/json"}


def echo(request: Request) -> dict[str, object]:
    if payload_of(request).get("fail"):
        raise UserError("That is impossible. Do something else.")
    if payload_of(request).get("refuse"):
        raise Refused(409, "Too late.")
    return {"got": payload_of(request)}


async def plain(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def number(request: Request) -> dict[str, object]:
    return {"number": field(request, "number", int)}


@pytest.fixture
def app() -> Starlette:
    return Starlette(
        routes=[
            Route("/echo", guarded(echo, limit=1000), methods=["GET", "POST"]),
            Route("/plain", guarded(plain, json_body=False), methods=["POST"]),
            Route("/number", guarded(number), methods=["POST"]),
        ]
    )


def post(app: Starlette, body: bytes, path: str = "/echo", **changes: str | None) -> object:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name.lower(): value for name, value in {**OURS, **named}.items()}
    kept = {name: value for name, value in headers.items() if value is not None}
    answer = call(app, "POST", path, headers=kept, body=body)
    return answer.status, answer.json()


def test_our_own_page_gets_through(app: Starlette) -> None:
    assert post(app, b'{"a": 1}') == (200, {"got": {"a": 1}})
    assert post(app, b"{}", origin=f"http://{HOST}", sec_fetch_site="same-origin")[0] == 200
    assert call(app, "GET", "/echo", headers=OURS).json() == {"got": {}}
    assert call(app, "POST", "/plain", headers={"X-Handful": "1"}, body=b"\0" * 9).text == "9"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"x_handful": None}, 403),
        ({"x_handful": "0"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"http://{HOST}.evil.example"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": None}, 415),
    ],
)
def test_others_are_refused(app: Starlette, changes: dict[str, str | None], status: int) -> None:
    got, content = post(app, b'{"a": 1}', **changes)
    assert got == status
    assert content["error"].endswith(".")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[1]", 400),
        (b'{"a": ', 400),
        (b"\xff\xfe", 400),
        (b"[" * 900, 400),
        (json.dumps({"a": "x" * 1000}).encode(), 413),
    ],
)
def test_bodies_that_are_no_small_json_object_are_refused(
    app: Starlette, body: bytes, status: int
) -> None:
    assert post(app, body)[0] == status


def test_a_body_that_hides_its_length_is_cut_off(app: Starlette) -> None:
    answer = call(app, "POST", "/echo", headers=OURS, body=[b'{"a": "', *[b"x" * 300] * 5, b'"}'])
    assert answer.status == 413


def test_errors_for_people_become_json(app: Starlette) -> None:
    assert post(app, b'{"fail": 1}') == (
        400,
        {"error": "That is impossible. Do something else."},
    )
    assert post(app, b'{"refuse": 1}') == (409, {"error": "Too late."})


def test_fields_are_checked(app: Starlette) -> None:
    assert post(app, b'{"number": 3}', "/number") == (200, {"number": 3})
    for wrong in (b"{}", b'{"number": "3"}', b'{"number": true}', b'{"number": 1.5}'):
        assert post(app, wrong, "/number")[0] == 400
