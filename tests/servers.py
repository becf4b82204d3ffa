"""Real servers for tests, each on its own free loopback port, killed and restarted at will."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.processes import end
from tests.waiting import wait_for

# Processes that share the tests draw from ranges of their own: until its server listens, a port looks free to all.
_PORTS = 15_000 // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_FIRST_PORT = 15_000 + _PORTS * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_given: set[int] = set()


def free_port() -> int:
    """A TCP port nobody listens on right now and that was not given out before.

    It lies below those a system draws for outgoing connections: one of these could take it before the server does, and
    a client that tries a server that is down would now and then be connected to itself.
    """
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        if port in _given:
            continue
        _given.add(port)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def listening(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mosquitto:
    """A mosquitto with its own store.

    Args:
        directory: Where its configuration and store live.
        extra: Further configuration lines, for example ``acl_file``; replaces ``allow_anonymous true``.
    """

    def __init__(self, directory: Path, extra: str = "allow_anonymous true\n") -> None:
        binary = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
        if binary is None:
            pytest.skip("mosquitto is not installed; ./run test installs it")
        self._binary = binary
        self.port = free_port()
        self.store = directory / "store"
        self.store.mkdir(parents=True, exist_ok=True)
        self._config = directory / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "persistence true\nautosave_interval 1\nautosave_on_changes true\n"
            f"persistence_location {self.store}/\n"
            "user root\n" + extra
        )
        self._log = (directory / "mosquitto.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        """Start and wait until it listens."""
        self._process = subprocess.Popen(
            [self._binary, "-c", str(self._config)], stderr=self._log, stdout=self._log
        )
        wait_for(lambda: listening(self.port), what="mosquitto listening")
        return self

    def kill(self) -> None:
        """SIGKILL: what a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM and close; safe to call twice."""
        self._end(signal.SIGTERM)
        self._log.close()

    def forget(self) -> None:
        """Delete the store of a broker that is down: queues, sessions and retained messages are gone."""
        shutil.rmtree(self.store)
        self.store.mkdir()

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        end(process, with_signal)
