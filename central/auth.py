"""The door (门禁): every request and every WebSocket passes it, console and pictures included.

It checks, in this order: the Host header (DNS rebinding), the Origin of whatever changes something or opens a
WebSocket (cross-site requests), the token or session, and the size of the body. It adds the security headers.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.problems import problem
from central.sessions import Gatekeeper

COOKIE = "kerbwatch_session"
OPEN_PATHS = frozenset({"/healthz", "/login"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY_BYTES = 5 * 1024 * 1024
"""Above the largest picture, whose own limit is stricter."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
}


class BodyTooLargeError(Exception):
    """More bytes came than anything here takes."""


class Door:
    """ASGI middleware.

    Args:
        app: What lies behind.
        gatekeeper: Tokens and sessions.
        hosts: Host names this server answers to; None: any (then TLS and the token protect it).
        secure: Whether browsers reach it over TLS.
    """

    def __init__(self, app: ASGIApp, gatekeeper: Gatekeeper, hosts: Iterable[str] | None, *, secure: bool) -> None:
        self._app = app
        self._gatekeeper = gatekeeper
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, self._while_open(scope, receive), send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
            return
        send = self._with_headers(send)
        if refusal is None:
            await self._limited(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            return problem(421, "foreign_host", "this server does not answer to that Host; see [http] names")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if changes and not same_origin(headers):
            return problem(403, "foreign_origin", "requests that change something must come from this site")
        if _declared_length(headers) > MAX_BODY_BYTES:
            return problem(413, "too_large", f"at most {MAX_BODY_BYTES} bytes", headers={"Connection": "close"})
        if not self._gatekeeper.locked or scope["path"] in OPEN_PATHS:
            return None
        return self._unauthorised(scope, headers)

    def _unauthorised(self, scope: Scope, headers: Headers) -> Response | None:
        secret = session_secret(headers)
        if secret and self._gatekeeper.session_is_open(secret):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and given:
            return self._check_bearer(client_address(scope), given.strip())
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse("/login", 303)
        return problem(
            401, "unauthorised", "log in, or send the access token", headers={"WWW-Authenticate": "Bearer"}
        )

    def _check_bearer(self, address: str, given: str) -> Response | None:
        if self._gatekeeper.braked(address):
            return problem(429, "too_many_attempts", "wait a minute", headers={"Retry-After": "60"})
        if self._gatekeeper.token_is_right(given):
            return None
        self._gatekeeper.note_failure(address)
        return problem(401, "bad_token", "the access token is wrong", headers={"WWW-Authenticate": "Bearer"})

    def _while_open(self, scope: Scope, receive: Receive) -> Receive:
        """A WebSocket outlives the request that opened it, but not the session it was opened with."""
        secret = session_secret(Headers(scope=scope))
        if not self._gatekeeper.locked or not secret or not self._gatekeeper.session_is_open(secret):
            return receive

        async def guarded() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not self._gatekeeper.session_is_open(secret):
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return guarded

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it comes: a wrong or missing Content-Length does not help."""
        received = 0
        started = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > MAX_BODY_BYTES:
                    raise BodyTooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except BodyTooLargeError:
            if not started:
                response = problem(
                    413, "too_large", f"at most {MAX_BODY_BYTES} bytes", headers={"Connection": "close"}
                )
                await response(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self._secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        return sending


def host_name(host: str) -> str:
    """The Host header without its port, lower case; brackets of IPv6 addresses stay."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def same_origin(headers: Headers) -> bool:
    """Whether a request comes from our own pages or from no page at all (a node, a script)."""
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False


def session_secret(headers: Headers) -> str | None:
    """The session cookie's value."""
    return cookie_parser(headers.get("cookie", "")).get(COOKIE)


def client_address(scope: Scope) -> str:
    """The peer's address; proxies' headers are not believed."""
    return scope["client"][0] if scope.get("client") else "unknown"


def _declared_length(headers: Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0
