"""Times in saved state, and times that move when a clock is set."""

from __future__ import annotations

from datetime import datetime, timedelta


def time_out(moment: datetime | None) -> str | None:
    """For JSON."""
    return None if moment is None else moment.isoformat()


def moment_in(text: str) -> datetime:
    """Back again. Raises TypeError or ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {text}")
    return moment


def time_in(text: str | None) -> datetime | None:
    """Back again. Raises TypeError or ValueError."""
    return None if text is None else moment_in(text)


def moved(moment: datetime | None, step: timedelta) -> datetime | None:
    """``moment`` by a clock that was set by ``step``."""
    return None if moment is None else moment + step
