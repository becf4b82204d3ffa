"""The web application: API, pictures, metrics, health, login and the console behind one door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from central.api.cases import case_routes
from central.api.errors import install_errors
from central.api.fleet import fleet_routes
from central.api.pictures import picture_routes
from central.auth import Door
from central.config import HttpSection
from central.login import login_routes
from central.sessions import Gatekeeper

if TYPE_CHECKING:
    from central.service import CentralService

_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def create_app(service: CentralService) -> FastAPI:
    """The application of a service. The console can be mounted once per process only."""
    http = service.config.http
    app = FastAPI(
        title="Kerbwatch",
        summary="Street cameras and sensors into city-management cases.",
        version=service.version,
        docs_url=None,
        redoc_url=None,
    )
    gatekeeper = Gatekeeper(http.token(), service.clock)
    secure = http.tls is not None
    install_errors(app)
    _add_own_routes(app, service)
    app.include_router(case_routes(service.cases))
    app.include_router(picture_routes(service.pictures))
    app.include_router(fleet_routes(service.fleet, service.model_files, service.public_key, service.sender.hurry))
    app.include_router(login_routes(gatekeeper, secure=secure))
    if http.console:
        # Imported here: the console brings its own web framework, which a headless centre does without.
        from central.console.mount import mount

        mount(app, service.cases, zone=service.config.centre.time_zone, clock=service.clock)
    app.add_middleware(Door, gatekeeper=gatekeeper, hosts=_hosts(http), secure=secure)
    return app


def _add_own_routes(app: FastAPI, service: CentralService) -> None:
    @app.get("/healthz", tags=["operation"])
    def healthz() -> Response:
        """200 when all is well, 503 with the reasons when not. Needs no token."""
        health = service.health()
        body = {"status": "ok" if health.ok else "unwell", "checks": health.checks}
        return JSONResponse(body, 200 if health.ok else 503)

    @app.get("/metrics", tags=["operation"], response_class=Response)
    def metrics() -> Response:
        """Counters and gauges in Prometheus' text format."""
        return Response(generate_latest(service.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _hosts(http: HttpSection) -> tuple[str, ...] | None:
    """Host names answered to. Reachable from outside and without names given: any, TLS and the token protect it."""
    if http.loopback:
        return (*_LOOPBACK_HOSTS, http.host, *http.names)
    return http.names or None
