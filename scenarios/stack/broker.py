"""A broker for demo and evaluation: mosquitto where it is installed, otherwise the one that comes in a wheel.

Only for trying things out on one machine: it listens on loopback and lets everybody in. For real use see
``deploy/mosquitto.conf``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol

from scenarios.stack.guard import Guard

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.05

_RUMQTTD = """\
id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "kerbwatch-demo"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 100
dynamic_filters = true
"""


class BrokerError(Exception):
    """The broker could not be started."""


class Broker(Protocol):
    """A running broker on a loopback port."""

    name: str
    port: int

    def require_alive(self) -> None:
        """Raise BrokerError when it has ended although nobody stopped it."""
        ...

    def stop(self) -> None:
        """End it; safe to call twice."""
        ...


def start_broker(directory: Path, *, prefer_mosquitto: bool = True) -> Broker:
    """Start the best broker there is.

    Raises:
        BrokerError: It did not come up.
    """
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if mosquitto is not None and prefer_mosquitto:
        return MosquittoBroker(mosquitto, directory)
    return WheelBroker(directory)


class MosquittoBroker:
    """Debian's mosquitto with a store of its own."""

    name = "mosquitto"

    def __init__(self, binary: str, directory: Path) -> None:
        self.port = free_port()
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmessage_size_limit 1048576\n"
            "persistence false\nmax_queued_messages 0\n",
            encoding="utf-8",
        )
        self._log = directory / "mosquitto.log"
        with self._log.open("wb") as log:
            # A session of its own: Ctrl-C reaches the parent, which ends the broker after those who need it.
            self._process = subprocess.Popen(  # noqa: S603 - found by name, started with our own file
                [binary, "-c", str(config)], stdout=log, stderr=log, start_new_session=True
            )
        self._guard = Guard(self._process.pid)
        try:
            _wait_listening(self.port, self._process)
        except BaseException:
            self.stop()
            raise

    def require_alive(self) -> None:
        if (code := self._process.poll()) is not None:
            raise BrokerError(f"mosquitto ended with code {code}; see {self._log}")

    def stop(self) -> None:
        self._guard.dismiss()
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)


class WheelBroker:
    """rumqttd out of the iotcore wheel; its queue is in memory only, which the edge's spool makes good."""

    name = "iotcore (rumqttd)"

    def __init__(self, directory: Path) -> None:
        try:
            from iotcore import Broker as RumqttdBroker
        except ImportError as error:
            raise BrokerError(
                "no broker: install mosquitto, or the one in a wheel: pip install 'kerbwatch[demo]'"
            ) from error

        self.port = free_port()
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "rumqttd.toml"
        config.write_text(_RUMQTTD.format(port=self.port), encoding="utf-8")
        self._broker = RumqttdBroker(config_path=str(config))
        try:
            self._broker.start(START_TIMEOUT_S)
        except (OSError, RuntimeError) as error:
            raise BrokerError(f"the built-in broker did not start: {error}") from error

    def require_alive(self) -> None:
        if not self._broker.is_running:
            raise BrokerError("the built-in broker has ended")

    def stop(self) -> None:
        self._broker.stop()


def free_port(preferred: int = 0) -> int:
    """``preferred`` if nobody has it, else any free loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BrokerError(f"mosquitto ended with code {process.returncode}; see mosquitto.log")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(POLL_S)
    raise BrokerError(f"mosquitto does not listen on port {port} after {START_TIMEOUT_S:.0f} s")
