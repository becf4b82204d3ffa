"""What a service tells systemd (``sd_notify``): that it is ready, and that it still makes progress.

The protocol is one datagram to the socket named by ``NOTIFY_SOCKET``; without that variable nobody listens and nothing
is sent. ``WATCHDOG_USEC`` says how often systemd wants to hear ``WATCHDOG=1``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends to systemd; says nothing where there is none."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog_s = _watchdog_s(environment)

    @property
    def watchdog_s(self) -> float | None:
        """Seconds after which systemd restarts a service that it has not heard; None: it does not watch."""
        return self._watchdog_s if self._address else None

    def ready(self, status: str = "") -> bool:
        """The service has started."""
        return self._send(f"READY=1\nSTATUS={_line(status)}")

    def alive(self, status: str = "") -> bool:
        """The service makes progress."""
        return self._send(f"WATCHDOG=1\nSTATUS={_line(status)}")

    def status(self, status: str) -> bool:
        """What ``systemctl status`` shows."""
        return self._send(f"STATUS={_line(status)}")

    def stopping(self) -> bool:
        """The service ends because it was told to."""
        return self._send("STOPPING=1")

    def _send(self, message: str) -> bool:
        """Whether it was sent. A socket that is gone is no reason to stop looking after a street."""
        if not self._address.startswith(("/", "@")):
            return False
        # A leading @ stands for the zero byte of Linux' abstract sockets.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.sendall(message.encode())
        except OSError:
            return False
        return True


def _line(text: str) -> str:
    return text.replace("\n", " ")[:200]


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """WATCHDOG_USEC in seconds, where it is meant for this process."""
    meant_for = environment.get("WATCHDOG_PID", "")
    if meant_for and meant_for != str(os.getpid()):
        return None
    text = environment.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if text.isascii() and text.isdigit() and int(text) > 0 else None
