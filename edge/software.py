"""Name and version of this program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def software_version() -> str:
    """As it is told in every status."""
    try:
        return f"kerbwatch {version('kerbwatch')}"
    except PackageNotFoundError:
        return "kerbwatch (not installed)"
