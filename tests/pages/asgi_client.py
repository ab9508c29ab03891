"""Calls an ASGI application without a server: one request, one answer."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1:8501"


@dataclass
class Answer:
    """What an application sent back. Header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    app: Any,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
) -> Answer:
    """One HTTP request. A body of several parts is sent without its length."""
    sent = {"host": HOST, **{name.lower(): value for name, value in (headers or {}).items()}}
    parts = [body] if isinstance(body, bytes) else list(body)
    if isinstance(body, bytes):
        sent.setdefault("content-length", str(len(body)))
    incoming = [
        {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
        for number, part in enumerate(parts)
    ]
    outgoing = _run(app, _scope("http", path, sent, query) | {"method": method}, incoming)
    start = next(message for message in outgoing if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in outgoing[1:])
    found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, content)


def connect(app: Any, path: str, headers: Mapping[str, str] | None = None) -> list[str]:
    """Open a websocket; the types of the messages that came back."""
    sent = {"host": HOST, **(headers or {})}
    outgoing = _run(app, _scope("websocket", path, sent, None), [{"type": "websocket.connect"}])
    return [message["type"] for message in outgoing]


def _scope(
    kind: str, path: str, headers: Mapping[str, str], query: Mapping[str, str] | None
) -> dict[str, Any]:
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws" if kind == "websocket" else "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(query or {}).encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8501),
        "subprotocols": [],
    }


def _run(app: Any, scope: dict[str, Any], incoming: list[dict[str, Any]]) -> list[dict[str, Any]]:
    outgoing: list[dict[str, Any]] = []
    gone = "http.disconnect" if scope["type"] == "http" else "websocket.disconnect"

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else {"type": gone, "code": 1001}

    async def send(message: dict[str, Any]) -> None:
        outgoing.append(message)

    asyncio.run(app(scope, receive, send))
    return outgoing
