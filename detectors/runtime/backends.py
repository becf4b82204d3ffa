"""What the engines share: optional packages are imported late, and a missing one says what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from detectors.types import DetectorError, FailureReason


def require(package: str, extra: str) -> Any:
    """Import an optional package. Raises DetectorError(BACKEND_MISSING) that names the extra to install."""
    try:
        return import_module(package)
    except ImportError as error:
        raise DetectorError(
            FailureReason.BACKEND_MISSING,
            f"backend needs the package {package!r} ({error}); install it with: pip install 'kerbwatch[{extra}]'",
        ) from error


def load_failure(name: str, error: Exception) -> DetectorError:
    """The error of an engine that refuses the weights."""
    return DetectorError(FailureReason.LOAD_FAILED, f"model {name!r}: {type(error).__name__}: {error}")


def run_failure(name: str, error: Exception) -> DetectorError:
    """The error of an engine that fails on a frame."""
    return DetectorError(FailureReason.ENGINE_FAILED, f"model {name!r}: {type(error).__name__}: {error}")
