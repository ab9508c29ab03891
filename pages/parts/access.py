"""Who may talk to this server: local only, or with a token; and from which page."""

import hashlib
import hmac
import ipaddress
import os
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

TOKEN_VARIABLE = "HANDFUL_TOKEN"
COOKIE = "handful_access"
ENTRANCE = "/enter"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LONGEST_FORM = 4096  # bytes
_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # The page may load nothing from outside and may not be shown inside another page.
    "Content-Security-Policy": (
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: "
        "data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'; "
        "form-action 'self'; object-src 'none'"
    ),
}
_FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Handful</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:18vh auto;padding:0 1rem;
color-scheme:light dark}}input,button{{font:inherit;padding:.5rem .7rem;width:100%;
box-sizing:border-box;margin-top:.6rem;border-radius:.5rem;border:1px solid #8a8f8c}}
button{{background:#0f6f66;color:#fff;border:0}}</style>
<h1>Handful</h1><p>{sentence}</p><form method="post" action="{entrance}">
<input type="hidden" name="next" value="{following}">
<input type="password" name="token" aria-label="Access token" autofocus>
<button>Enter</button></form></html>"""


def is_loopback(address: str | None) -> bool:
    """Whether a server that listens on `address` can only be reached from this machine."""
    if not address:
        return False  # no address means: listen everywhere
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_open_door() -> None:
    """End the program where the dashboard would be reachable from outside without a token."""
    address = config.get_option("server.address")
    if is_loopback(address) or os.environ.get(TOKEN_VARIABLE):
        return
    raise SystemExit(
        f"Handful does not listen on {address or 'every address'} without an access token, because "
        f"whoever reaches it reaches your files. Set {TOKEN_VARIABLE} to a long secret, or use "
        "--server.address 127.0.0.1."
    )


class Gate:
    """ASGI middleware before everything else, Streamlit's own routes and websocket included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._token = os.environ.get(TOKEN_VARIABLE, "")
        self._pass = hmac.new(self._token.encode(), b"handful", hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = await self._refusal(scope, receive)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _with_headers(send))

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request that may not pass; None for one that may."""
        headers = Headers(scope=scope)
        if not self._host_known(headers.get("host", "")):
            return PlainTextResponse("This host name is not served here.\n", 421)
        unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if unsafe and not _same_origin(headers):
            return PlainTextResponse("Requests from other pages are refused.\n", 403)
        if not self._token:
            return None
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == ENTRANCE:
            return await self._enter(receive)
        if hmac.compare_digest(_cookie(headers), self._pass):
            return None
        query = scope["query_string"].decode("latin-1")
        address = scope["path"] + (f"?{query}" if query else "")
        return _ask(address, "This dashboard asks for an access token.", 401)

    def _host_known(self, host: str) -> bool:
        """Against DNS rebinding: a foreign name that points here is not answered.

        Where a token is asked for, any name will do: a foreign page does not have the cookie.
        """
        name = urlsplit(f"//{host}").hostname or ""
        if is_loopback(name) or self._token:
            return True
        own = {config.get_option("server.address"), config.get_option("browser.serverAddress")}
        return name in own or name in config.get_option("server.allowedHosts")

    async def _enter(self, receive: Receive) -> Response:
        form = parse_qs((await _body(receive)).decode(errors="replace"))
        following = form.get("next", ["/"])[0]
        if not following.startswith("/") or following.startswith(("//", "/\\")):
            following = "/"
        if not hmac.compare_digest(form.get("token", [""])[0].encode(), self._token.encode()):
            return _ask(following, "That token is not right. Try again.", 401)
        answer = RedirectResponse(following, 303)
        answer.set_cookie(COOKIE, self._pass, httponly=True, samesite="strict")
        return answer


def _ask(following: str, sentence: str, status: int) -> Response:
    page = _FORM.format(sentence=sentence, entrance=ENTRANCE, following=escape(following))
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    value = found.value if found else ""
    return value if value.isascii() else ""


def _same_origin(headers: Headers) -> bool:
    """Whether a browser says that the request comes from one of our own pages.

    A program that sends no Origin (the command line, a test) is no browser and cannot be misled
    by a foreign page.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    if origin in config.get_option("server.corsAllowedOrigins"):
        return True
    return urlsplit(origin).netloc == headers.get("host")


async def _body(receive: Receive) -> bytes:
    """The request's body, at most `_LONGEST_FORM` bytes of it."""
    body = b""
    more = True
    while more and len(body) < _LONGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[:_LONGEST_FORM]


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sender
