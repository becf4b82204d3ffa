"""The whole system as a user runs it: broker, centre and nodes as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.processes import end
from tests.servers import Mosquitto, free_port, listening
from tests.waiting import HANG_S, wait_for

STARTED: list[Program] = []
"""Programs of the running test; ``conftest.py`` ends those a failed test left behind."""


class Program:
    """A ``kerbwatch`` command as a child process, with its log."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.log = log
        self._command = [sys.executable, "-m", "kerbwatch", *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        STARTED.append(self)
        with self.log.open("ab") as log:
            environment = {**os.environ, "PYTHONWARNINGS": "default"}
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=environment)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, timeout_s: float) -> int:
        """The exit code; fails with the log when it does not end in time."""
        assert self._process is not None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)
            raise AssertionError(f"still running after {timeout_s} s:\n{self.tail()}") from None

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        try:
            end(self._process, with_signal)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    def kill(self) -> None:
        """SIGKILL: what a power cut does."""
        self.end(signal.SIGKILL)

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


class Centre(Program):
    """``kerbwatch central`` with its API."""

    def __init__(self, directory: Path, broker_port: int, extra: str = "") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = directory / "central.toml"
        self.data_dir = directory / "centre-data"
        self.config.write_text(
            f'[centre]\ndata_dir = "centre-data"\n[mqtt]\nhost = "127.0.0.1"\nport = {broker_port}\n'
            f'[http]\nhost = "127.0.0.1"\nport = {self.port}\n{extra}'
        )
        super().__init__(directory / "central.log", "central", "--config", str(self.config))

    def start(self) -> None:
        super().start()
        wait_for(lambda: not self.running or self._answers(), what="the centre answering")
        assert self.running, self.tail()

    def _answers(self) -> bool:
        return listening(self.port) and httpx.get(f"{self.url}/healthz", timeout=HANG_S).status_code in (200, 503)

    def get(self, path: str, **params: Any) -> Any:
        response = httpx.get(f"{self.url}/api/v1/{path}", params=params, timeout=HANG_S)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.url}/api/v1/{path}", json=body, timeout=HANG_S)

    def cases(self, **params: Any) -> list[dict[str, Any]]:
        cases = self.get("cases", **params)["cases"]
        assert isinstance(cases, list)
        return cases

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry ``labels``."""
        text = httpx.get(f"{self.url}/metrics", timeout=HANG_S).text
        total = 0.0
        for line in text.splitlines():
            if line.startswith((f"{name} ", f"{name}{{")) and all(f'{k}="{v}"' in line for k, v in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total


class Node(Program):
    """``kerbwatch edge`` on a configuration."""

    def __init__(self, directory: Path, text: str, *options: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.config = directory / "node.toml"
        self.config.write_text(text)
        super().__init__(directory / "edge.log", "edge", "--config", str(self.config), *options)


def node_toml(
    broker: Mosquitto,
    centre_port: int | None,
    cameras: str,
    *,
    name: str = "j17",
    detector: str = "",
) -> str:
    """A node configuration around ``cameras`` (TOML text)."""
    centre = f'[centre]\nurl = "http://127.0.0.1:{centre_port}"\n' if centre_port else ""
    return (
        f'[node]\nsite = "xuhui"\nname = "{name}"\ndata_dir = "data"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n{centre}{detector}{cameras}'
    )


def camera_toml(source: Path, zone: list[list[float]], *, category: str, dwell_s: float, **fields: Any) -> str:
    """One camera with one zone and one rule."""
    settings = {
        "name": "north",
        "source": str(source),
        "clock": "media",
        "pace": "fast",
        "static_objects": False,
        **fields,
    }
    lines = ["[[camera]]", "start_at = 2026-01-31T08:00:00Z"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    lines += ["[[camera.zone]]", 'name = "kerb"', 'purpose = "no_stopping"', f"polygon = {json.dumps(zone)}"]
    lines += ["[[camera.zone.rule]]", f'category = "{category}"', f"dwell_s = {dwell_s}"]
    return "\n".join(lines) + "\n"
