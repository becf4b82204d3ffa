"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not for long, or not as well as it could."""
    PROBLEM = "problem"
    """Something the node is for does not work."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``code`` is machine-readable; ``fix`` says what to do, unless all is well."""

    check: str
    level: Level
    code: str
    text: str
    fix: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, "ok", text)


def warning(check: str, code: str, text: str, fix: str) -> Finding:
    """It works for now."""
    return Finding(check, Level.WARNING, code, text, fix)


def problem(check: str, code: str, text: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(check, Level.PROBLEM, code, text, fix)
