"""Serves the set-up page on loopback until the user ends the command."""

from __future__ import annotations

import logging
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Response
from nicegui import ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from kerbwatch.camera_setup.page import STILL_PATH, Job, SetupPage

HOST = "127.0.0.1"


def build_app(job: Job, on_ready: Callable[[], None]) -> FastAPI:
    """The page as an application. Once per process: NiceGUI's pages are process-wide."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        on_ready()
        yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    # Another site's page may resolve its own name to loopback; only our names are answered.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])

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

    uvicorn.run(build_app(job, ready), host=HOST, port=port, log_level="warning")
