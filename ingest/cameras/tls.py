"""TLS to cameras: whom to trust, and what exactly went wrong."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.cameras.source import SourceError, SourceFailure

RTSPS_PORT = 322


@dataclass(frozen=True)
class TlsOptions:
    """How a camera proves who it is.

    Attributes:
        verify: ``False`` takes any certificate: whoever sits between can look and lie.
        ca_file: PEM file with the authorities, or the camera's own certificate; the system's when absent.
    """

    verify: bool = True
    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """For Python's own connections. Raises OSError where ``ca_file`` cannot be read."""
        context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def for_ffmpeg(self) -> Mapping[str, str]:
        """For FFmpeg, which verifies nothing unless told to, and whose build may know no system authorities."""
        if not self.verify:
            return {"tls_verify": "0"}
        ca_file = str(self.ca_file) if self.ca_file is not None else ssl.get_default_verify_paths().cafile
        return {"tls_verify": "1", **({"ca_file": ca_file} if ca_file else {})}


def tls_failure(url: str, options: TlsOptions, *, timeout_s: float) -> SourceError | None:
    """What a handshake with a camera fails with: FFmpeg only says "input/output error". ``None``: it succeeds."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        with socket.create_connection((host, parts.port or RTSPS_PORT), timeout_s) as plain:
            try:
                options.context().wrap_socket(plain, server_hostname=host).close()
            except TimeoutError:
                return SourceError(SourceFailure.TLS, "it does not answer with TLS; give rtsp:// if it has none")
    except ssl.SSLCertVerificationError as error:
        return SourceError(
            SourceFailure.TLS, f"its certificate is not trusted ({error.verify_message}); give tls_ca_file"
        )
    except ssl.SSLError as error:
        return SourceError(SourceFailure.TLS, f"no TLS with it ({error.reason or error})")
    except OSError:
        return None
    return None
