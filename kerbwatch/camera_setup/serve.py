"""Serves the set-up page on loopback until the user ends the command."""

from __future__ import annotations

import logging
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI, Response
from nicegui import ui

from central.auth import Door
from central.sessions import Gatekeeper
from ingest.clock import SystemClock
from kerbwatch.camera_setup.page import STILL_PATH, Job, SetupPage

HOST = "127.0.0.1"


class _Announcing(uvicorn.Server):
    """Says when it listens: a browser sent there any earlier would be turned away."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def build_app(job: Job) -> FastAPI:
    """The page as an application. Once per process: NiceGUI's pages are process-wide."""
    app = FastAPI(openapi_url=None)
    # Other sites' pages run in the same browser: they may neither frame this one nor talk to it under any name.
    app.add_middleware(Door, gatekeeper=Gatekeeper(None, SystemClock()), hosts=(HOST, "localhost"), secure=False)

    @app.get(STILL_PATH)
    def still() -> Response:
        return Response(job.still.jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @ui.page("/", title="Camera set-up · Kerbwatch")
    def page() -> None:
        SetupPage(job)

    ui.run_with(
        app, title="Kerbwatch", dark=True, tailwind=False, reconnect_timeout=30.0, show_welcome_message=False
    )
    logging.getLogger("nicegui").setLevel(logging.WARNING)
    return app


def serve(job: Job, *, port: int, browser: bool, tell: Callable[[str], None]) -> None:
    """Serve ``job`` on the loopback ``port`` until Ctrl-C; ``tell`` gets the address."""
    url = f"http://{HOST}:{port}/"

    def ready() -> None:
        tell(url)
        if browser:
            webbrowser.open(url)

    config = uvicorn.Config(build_app(job), host=HOST, port=port, log_level="warning")
    # Ctrl-C is how the user ends it; uvicorn raises it once more when it has shut down.
    with suppress(KeyboardInterrupt):
        _Announcing(config, ready).run()
