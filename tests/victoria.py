"""A real VictoriaMetrics for tests: started, killed and restarted on one port, with its data kept."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import end
from tests.servers import free_port, listening
from tests.waiting import wait_for


class VictoriaMetrics:
    """A VictoriaMetrics that keeps its data in ``directory``."""

    def __init__(self, directory: Path) -> None:
        binary = shutil.which("victoria-metrics")
        if binary is None:
            pytest.skip("victoria-metrics is not installed; ./run test installs it")
        self._binary = binary
        self._directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> VictoriaMetrics:
        """Start and wait until it listens."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._binary,
                    f"-storageDataPath={self._directory / 'data'}",
                    f"-httpListenAddr=127.0.0.1:{self.port}",
                    "-retentionPeriod=100y",
                    "-memory.allowedBytes=128MB",
                ],
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: listening(self.port), what="victoria-metrics listening")
        return self

    def stop(self) -> None:
        """End it; safe to call twice."""
        if self._process is not None:
            process, self._process = self._process, None
            end(process)

    def samples(self, series: str) -> list[tuple[dict[str, str], int, float]]:
        """Every stored sample of a series: its labels, time in milliseconds, value."""
        httpx.get(f"{self.url}/internal/force_flush", timeout=10).raise_for_status()
        answer = httpx.get(f"{self.url}/api/v1/export", params={"match[]": series, "start": "0"}, timeout=10)
        answer.raise_for_status()
        found = []
        for text in answer.text.splitlines():
            row: dict[str, Any] = json.loads(text)
            found += [
                (row["metric"], at, value) for at, value in zip(row["timestamps"], row["values"], strict=True)
            ]
        return sorted(found, key=lambda sample: (sample[1], str(sample[0])))
