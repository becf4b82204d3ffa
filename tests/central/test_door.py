"""One test per attack on the centre's web side, through a real server."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from central.api import pictures
from central.auth import COOKIE, MAX_BODY_BYTES, Door
from central.service import CentralService
from central.sessions import FAILURE_WINDOW_S, MAX_FAILURES, MAX_SESSIONS, SESSION_S, Gatekeeper
from ingest.clock import ManualClock
from tests.alerts.reports import START
from tests.central.jpegs import jpeg
from tests.central.servers import TOKEN, started
from tests.waiting import HANG_S

DIGEST = hashlib.sha256(jpeg()).hexdigest()
PICTURE = f"/api/v1/pictures/{DIGEST}"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralService]:
    service = started(tmp_path_factory.mktemp("locked"), token=True)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralService]:
    service = started(tmp_path_factory.mktemp("unlocked"))
    yield service
    service.stop()


@pytest.fixture
def web(locked: CentralService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=locked.url, timeout=HANG_S, trust_env=False) as client:
        yield client


@pytest.fixture
def plain(unlocked: CentralService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=unlocked.url, timeout=HANG_S, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/cases", "/api/v1/mutes", "/api/v1/nodes", "/api/v1/dead-letters", PICTURE, "/metrics"]
)
def test_nothing_but_health_and_login_is_open_without_the_token(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert web.get("/healthz").status_code == 503
    assert web.get("/login").status_code == 200


def test_every_route_of_the_application_is_behind_the_door(web: httpx.Client) -> None:
    for path, methods in web.get("/openapi.json", headers=BEARER).json()["paths"].items():
        for method in methods:
            status = web.request(method, path.replace("{case_id}", "x").replace("{sha256}", DIGEST)).status_code
            assert status == (503 if path == "/healthz" else 401), (method, path)


def test_a_wrong_token_is_refused_and_the_right_one_let_in(web: httpx.Client) -> None:
    assert web.get("/api/v1/cases", headers={"Authorization": "Bearer wrong"}).json()["code"] == "bad_token"
    assert web.get("/api/v1/cases", headers={"Authorization": "Basic abc"}).status_code == 401
    assert web.get("/api/v1/cases", headers=BEARER).status_code == 200


def test_login_gives_a_strict_http_only_cookie_and_logout_ends_it(web: httpx.Client) -> None:
    answer = web.post("/login", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    secret = web.cookies[COOKIE]
    assert web.get("/api/v1/cases").status_code == 200
    web.post("/logout")
    assert web.get("/api/v1/cases", headers={"Cookie": f"{COOKIE}={secret}"}).status_code == 401


def test_a_browser_without_a_session_is_sent_to_the_login(web: httpx.Client) -> None:
    answer = web.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_dns_rebinding_is_refused_by_the_host_even_on_loopback(plain: httpx.Client, host: str) -> None:
    answer = plain.get("/api/v1/cases", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "foreign_host")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/cases/x/file", "/login", "/logout"])
def test_a_foreign_page_cannot_change_anything_even_on_loopback(
    plain: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    answer = plain.post(path, headers=headers, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_our_own_page_may(plain: httpx.Client, unlocked: CentralService) -> None:
    answer = plain.post("/api/v1/cases/x/file", headers={"Origin": unlocked.url}, json={})
    assert answer.json()["code"] == "invalid_request"


def test_a_foreign_page_cannot_open_a_websocket(unlocked: CentralService) -> None:
    port = unlocked.config.http.port
    request = (
        f"GET /_nicegui_ws/socket.io/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Origin: https://evil.example\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(request.encode())
        assert b" 403 " in raw.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize("path", ["/login", "/api/v1/cases", "/healthz", "/nothing"])
def test_every_answer_carries_the_security_headers(plain: httpx.Client, path: str) -> None:
    headers = plain.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_a_picture_is_stored_once_and_given_back_unchanged(plain: httpx.Client) -> None:
    data = jpeg(321, 123)
    path = f"/api/v1/pictures/{hashlib.sha256(data).hexdigest()}"
    assert [plain.put(path, content=data).status_code for _ in range(2)] == [201, 200]
    answer = plain.get(path)
    assert answer.content == data
    assert answer.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff", "not_a_jpeg"),
        (b"<script>alert(1)</script>", "not_a_jpeg"),
        (jpeg(0, 480), "impossible_size"),
        (jpeg(60_000, 60_000), "impossible_size"),
        (jpeg()[:-2], "not_a_jpeg"),
        (b"\xff\xd8" + b"\xff" * 5000 + b"\xff\xd9", "not_a_jpeg"),
    ],
)
def test_what_is_no_sane_jpeg_is_refused(plain: httpx.Client, data: bytes, code: str) -> None:
    answer = plain.put(f"/api/v1/pictures/{hashlib.sha256(data).hexdigest()}", content=data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_picture_under_another_hash_is_refused(plain: httpx.Client) -> None:
    answer = plain.put(f"/api/v1/pictures/{'0' * 64}", content=jpeg())
    assert (answer.status_code, answer.json()["code"]) == (400, "hash_mismatch")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd", "A" * 64, "a" * 63, "a" * 64 + "%00", "%2e%2e", "a" * 65]
)
def test_a_picture_address_is_a_hash_and_nothing_else(plain: httpx.Client, name: str) -> None:
    for method in ("GET", "PUT"):
        answer = plain.request(method, f"/api/v1/pictures/{name}")
        assert answer.status_code in (404, 405, 422), (method, name)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_refused_declared_or_not(plain: httpx.Client) -> None:
    too_large = jpeg(padding=4 * 1024 * 1024)
    path = f"/api/v1/pictures/{hashlib.sha256(too_large).hexdigest()}"
    assert plain.put(path, content=too_large).status_code == 413

    def chunks(total: int) -> Iterator[bytes]:
        for _ in range(total // 65536 + 1):
            yield b"\xff" * 65536

    assert plain.put(path, content=chunks(4 * 1024 * 1024)).status_code == 413


def test_half_sent_pictures_do_not_keep_others_out_for_ever(
    plain: httpx.Client, unlocked: CentralService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "UPLOAD_S", 0.2)
    port = unlocked.config.http.port
    start = f"PUT {PICTURE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 1000\r\n\r\nhalf"
    with ExitStack() as stack:
        for _ in range(pictures.MAX_UPLOADS):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            raw.sendall(start.encode())
        assert plain.put(PICTURE, content=jpeg(), timeout=10).status_code in (200, 201)
        assert b" 408 " in raw.recv(4096).split(b"\r\n")[0]


def test_a_declared_length_over_the_limit_is_refused_before_the_body_comes(unlocked: CentralService) -> None:
    port = unlocked.config.http.port
    request = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(request.encode())
        assert b" 413 " in raw.recv(4096).split(b"\r\n")[0]


def test_guessing_is_braked_per_address_and_only_for_a_while() -> None:
    clock = ManualClock(START)
    gatekeeper = Gatekeeper(TOKEN, clock)
    for _ in range(MAX_FAILURES):
        assert not gatekeeper.braked("10.0.0.1")
        gatekeeper.note_failure("10.0.0.1")
    assert gatekeeper.braked("10.0.0.1")
    assert not gatekeeper.braked("10.0.0.2")
    clock.advance(FAILURE_WINDOW_S)
    assert not gatekeeper.braked("10.0.0.1")


def test_a_braked_address_is_told_so_at_the_login_and_at_the_api(tmp_path: Path) -> None:
    service = started(tmp_path, token=True)
    try:
        with httpx.Client(base_url=service.url, timeout=HANG_S, trust_env=False) as web:
            statuses = [web.post("/login", data={"token": "guess"}).status_code for _ in range(MAX_FAILURES + 1)]
            assert statuses == [401] * MAX_FAILURES + [429]
            assert web.get("/api/v1/cases", headers=BEARER).status_code == 429
    finally:
        service.stop()


def test_a_loopback_address_of_its_own_choice_is_answered_under_that_address(tmp_path: Path) -> None:
    service = started(tmp_path, extra='host = "127.0.0.9"\n')
    try:
        assert httpx.get(f"{service.url}/api/v1/cases", timeout=HANG_S, trust_env=False).status_code == 200
    finally:
        service.stop()


def test_an_open_websocket_ends_with_its_session() -> None:
    gatekeeper = Gatekeeper(TOKEN, ManualClock(START))
    secret = gatekeeper.open_session()
    heard: list[str] = []

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            heard.append(message["text"])
            gatekeeper.close_session(secret)

    async def talking() -> Message:
        return {"type": "websocket.receive", "text": "dismiss"}

    async def ignored(message: Message) -> None:
        raise AssertionError(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"cookie", f"{COOKIE}={secret}".encode())]}
    asyncio.run(Door(listening, gatekeeper, None, secure=False)(scope, talking, ignored))
    assert heard == ["dismiss"]


def test_sessions_end_and_are_bounded() -> None:
    clock = ManualClock(START)
    gatekeeper = Gatekeeper(TOKEN, clock)
    secret = gatekeeper.open_session()
    assert gatekeeper.session_is_open(secret)
    clock.advance(SESSION_S)
    assert not gatekeeper.session_is_open(secret)
    first = gatekeeper.open_session()
    for _ in range(MAX_SESSIONS):
        gatekeeper.open_session()
    assert not gatekeeper.session_is_open(first)
