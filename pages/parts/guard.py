"""What every HTTP route of our own checks before it does anything.

A page of another site can make a browser send requests here. It cannot add a header of its own
without asking first (which is never granted), and it cannot hide its origin. So a request must
carry `X-Handful: 1`, an Origin that is this host where the browser tells one, and, with a body,
`application/json`.
"""

import functools
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ssl_core.errors import UserError

HEADER = "x-handful"
BODY_LIMIT = 1_000_000  # bytes
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")

Answer = Response | dict[str, Any]
Handler = Callable[[Request], Answer] | Callable[[Request], Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]
Value = TypeVar("Value")


class Refused(Exception):  # noqa: N818 - an answer to the caller, not a fault
    """A request that goes no further: HTTP status and one sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def check_caller(request: Request) -> None:
    """Raise Refused (403) unless a page of this server, or a tool, sent the request."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "This address answers only to pages of this server.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "This address answers only to pages of this server.")
    if request.headers.get(HEADER) != "1":
        raise Refused(403, "The header X-Handful: 1 is missing.")


async def read_json(request: Request, limit: int = BODY_LIMIT) -> dict[str, Any]:
    """The JSON object in the body, at most `limit` bytes. Raises Refused (415, 413, 400)."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, f"Received content type {kind!r}, expected application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused(413, f"The request is larger than {limit:,} bytes. Send less at once.")
    try:
        payload = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(payload, dict):
        raise Refused(400, "Expected a JSON object.")
    return payload


def payload_of(request: Request) -> dict[str, Any]:
    """The JSON object that `guarded` read before it called the handler; empty for a GET."""
    return cast(dict[str, Any], request.state.payload)


def guarded(handler: Handler, *, json_body: bool = True, limit: int = BODY_LIMIT) -> Endpoint:
    """`handler` as a Starlette endpoint behind the checks above.

    A plain function runs in a thread, so it may wait for a disk. It gets its JSON body from
    `payload_of(request)`; with `json_body=False` the body is left for the handler to stream. It
    returns a Response or a JSON object. UserError becomes status 400, `{"error": sentence}`.
    """

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        try:
            check_caller(request)
            with_body = json_body and request.method in _WITH_BODY
            request.state.payload = await read_json(request, limit) if with_body else {}
            if inspect.iscoroutinefunction(handler):
                answer = await handler(request)
            else:
                answer = await run_in_threadpool(
                    cast(Callable[[Request], Answer], handler), request
                )
        except Refused as refusal:
            return JSONResponse({"error": str(refusal)}, refusal.status)
        except UserError as error:
            return JSONResponse({"error": str(error)}, 400)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint


def field(request: Request, name: str, kind: type[Value]) -> Value:
    """The field `name` of the JSON body. Raises Refused (400) where it is not a `kind`."""
    value = payload_of(request).get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refused(400, f"{name}: received {str(value)[:40]!r}, expected {kind.__name__}.")
    return value
