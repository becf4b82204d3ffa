"""Where a camera is: a structural allow-list of addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from ingest.sanitise import sanitise


class AddressKind(StrEnum):
    """What stands behind an address."""

    FILE = "file"
    FOLDER = "folder"
    RTSP = "rtsp"
    HTTP = "http"
    USB = "usb"


class AddressError(ValueError):
    """An address that is not allowed; the message says what to write instead and holds no credentials."""


@dataclass(frozen=True)
class Address:
    """A checked address.

    Attributes:
        kind: What it leads to.
        target: Path, URL or device index, as the reader wants it. May hold credentials: never log it.
        shown: The same for people and logs, without credentials.
    """

    kind: AddressKind
    target: str = field(repr=False)
    shown: str

    @property
    def live(self) -> bool:
        """Whether it has no end and no position."""
        return self.kind in (AddressKind.RTSP, AddressKind.HTTP, AddressKind.USB)


_SCHEMES = {
    "rtsp": AddressKind.RTSP,
    "rtsps": AddressKind.RTSP,
    "http": AddressKind.HTTP,
    "https": AddressKind.HTTP,
}
_ALLOWED = "a path, rtsp://, rtsps://, http://, https:// or usb:N"
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):(?!\\)")
_USB = re.compile(r"^usb:(\d{1,2})$")


def parse_address(text: str, *, base_dir: Path | None = None) -> Address:
    """Check an address. Relative paths belong to ``base_dir``.

    Raises:
        AddressError: A scheme that is not on the list, a URL without host, or a path where nothing is.
    """
    if not text or any(ord(character) < 32 for character in text):
        raise AddressError(f"empty or with control characters; give {_ALLOWED}")
    if usb := _USB.match(text):
        return Address(AddressKind.USB, usb[1], text)
    if scheme := _SCHEME.match(text):
        return _url(text, scheme[1].lower())
    try:
        return _path(Path(text).expanduser(), base_dir)
    except (OSError, RuntimeError) as error:
        raise AddressError(f"{text} cannot be reached: {error}; give a path that can be read") from error


def _url(text: str, scheme: str) -> Address:
    kind = _SCHEMES.get(scheme)
    if kind is None:
        raise AddressError(f"scheme {scheme!r} is not allowed; give {_ALLOWED}")
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise AddressError(f"not a URL ({sanitise(str(error))}); give {scheme}://host[:port]/path") from None
    if not host or not text[len(scheme) + 1 :].startswith("//"):
        raise AddressError(f"no host; give {scheme}://host[:port]/path")
    return Address(kind, text, sanitise(text))


def _path(path: Path, base_dir: Path | None) -> Address:
    full = path if path.is_absolute() or base_dir is None else base_dir / path
    if full.is_dir():
        return Address(AddressKind.FOLDER, str(full), str(full))
    if full.is_file():
        return Address(AddressKind.FILE, str(full), str(full))
    raise AddressError(
        f"no such file or folder: {full}; give a path that exists, relative to this configuration file, "
        "or rtsp://, rtsps://, http://, https:// or usb:N"
    )
