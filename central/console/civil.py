"""Civil time for people (民用时): stored UTC instants shown in the zone of the duty room."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"


class CivilTime:
    """Formats instants in one civil zone.

    Args:
        zone: An IANA name.

    Raises:
        ValueError: The zone is not known on this machine.
    """

    def __init__(self, zone: str = DEFAULT_ZONE) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"time zone {zone!r}: not known here; give an IANA name, or install tzdata"
            ) from error

    def moment(self, at: datetime, now: datetime) -> str:
        """``14:03:12`` on the civil day of ``now``, ``31 Jan 14:03`` in its year, else with the year."""
        local, today = self._local(at), self._local(now)
        if local.date() == today.date():
            return f"{local:%H:%M:%S}"
        if local.year == today.year:
            return f"{local.day} {local:%b %H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"

    def full(self, at: datetime) -> str:
        """``2026-01-31 14:03:12 CST``, for tool tips and history."""
        return f"{self._local(at):%Y-%m-%d %H:%M:%S %Z}"

    def _local(self, at: datetime) -> datetime:
        try:
            return at.astimezone(self._zone)
        except OverflowError:
            return at  # a node's clock ran off the calendar; one such case must not take the page away


def span(length: timedelta | float) -> str:
    """A length of time as people say it: ``8 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``. Never negative."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{days} d {hours % 24} h"


def ago(at: datetime, now: datetime) -> str:
    """How long before ``now``; seconds are not told apart, so that a page need not change every second."""
    passed = (now - at).total_seconds()
    return "just now" if passed < 60 else f"{span(passed)} ago"
