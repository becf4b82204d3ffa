"""A TCP proxy that slows a stream down or wraps it in TLS, between a camera and the node."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path


class Proxy:
    """Forwards a loopback port.

    Args:
        port: Where to.
        certificate: PEM with key and certificate: TLS towards the client.
    """

    def __init__(self, port: int, *, certificate: Path | None = None) -> None:
        self._target = port
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self.bytes_per_s: float | None = None
        """Towards the client; ``None``: as fast as it comes. May be changed at any time."""
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = [self._listener]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        for each in self._sockets:
            each.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
                if self._context is not None:
                    client = self._context.wrap_socket(client, server_side=True)
                camera = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                continue
            self._sockets += [client, camera]
            threading.Thread(target=self._pump, args=(client, camera, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(camera, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        try:
            while piece := source.recv(2048):
                if slow and self.bytes_per_s is not None:
                    self._closing.wait(len(piece) / self.bytes_per_s)
                sink.sendall(piece)
        except OSError:
            pass
        for each in (source, sink):
            each.close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine: its own PEM, and one together with its key."""
    key, public, both = folder / "key.pem", folder / "camera.pem", folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=camera"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", public),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text(key.read_text() + public.read_text())
    return public, both
