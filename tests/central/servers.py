"""A centre's web side without broker or console, in this process, behind its real door and server."""

from __future__ import annotations

from pathlib import Path

from central.config import CentralConfig
from central.service import CentralService
from ingest.config import parse_config
from tests.servers import free_port

TOKEN = "a-long-enough-secret-token"


def config_in(directory: Path, *, token: bool = False, extra: str = "", mqtt_port: int = 1) -> CentralConfig:
    """A configuration with a free port; its broker does not exist unless a port is given."""
    access = ""
    if token:
        (directory / "token").write_text(f"{TOKEN}\n")
        access = 'access_token_file = "token"\n'
    text = (
        f'[centre]\ndata_dir = "data"\n[mqtt]\nport = {mqtt_port}\n'
        f"[http]\nport = {free_port()}\nconsole = false\n{access}{extra}"
    )
    return parse_config(text, CentralConfig, source="central.toml", base_dir=directory)


def started(directory: Path, *, token: bool = False, extra: str = "", mqtt_port: int = 1) -> CentralService:
    """A running service; stop it."""
    service = CentralService(config_in(directory, token=token, extra=extra, mqtt_port=mqtt_port))
    service.start()
    return service
