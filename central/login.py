"""The login page (登录) and logging out."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from central.auth import COOKIE, client_address, session_secret
from central.sessions import SESSION_S, Gatekeeper

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Kerbwatch</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 95vh; margin: 0;
  background: #12161c; color: #e6e9ee }}
form {{ display: grid; gap: .75rem; width: 20rem }}
input, button {{ font: inherit; padding: .6rem; border-radius: .4rem; border: 1px solid #465062 }}
button {{ background: #2f6fdb; color: #fff; border: 0; cursor: pointer }}
p {{ color: #ff9b8f; margin: 0; min-height: 1.5em }}
</style></head><body><form method="post" action="/login">
<h1>Kerbwatch</h1><label for="token">Access token · 访问口令</label>
<input id="token" name="token" type="password" autocomplete="current-password" autofocus required>
<button>Log in · 登录</button><p role="alert">{message}</p></form></body></html>
"""
MAX_FORM_BYTES = 4096


def login_routes(gatekeeper: Gatekeeper, *, secure: bool) -> APIRouter:
    """``/login`` and ``/logout``; ``secure`` marks the cookie for TLS only."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def page() -> Response:
        return HTMLResponse(_PAGE.format(message="")) if gatekeeper.locked else RedirectResponse("/", 303)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        address = client_address(request.scope)
        if gatekeeper.braked(address):
            return HTMLResponse(_PAGE.format(message="Too many attempts; wait a minute."), 429)
        form = parse_qs((await _short_body(request)).decode("utf-8", errors="replace"))
        if not gatekeeper.token_is_right(form.get("token", [""])[0].strip()):
            gatekeeper.note_failure(address)
            return HTMLResponse(_PAGE.format(message="That is not the access token."), 401)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE, gatekeeper.open_session(), SESSION_S, httponly=True, samesite="strict", secure=secure, path="/"
        )
        return response

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        secret = session_secret(request.headers)
        if secret:
            gatekeeper.close_session(secret)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return router


async def _short_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return b""
    return bytes(body)
