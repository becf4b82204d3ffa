"""When a device says that it measured (测量时刻): read from its payload, held against the node's clock. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.clock import to_millis
from ingest.sensors.numbers import NotANumberError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLIS_FROM = 1e11
"""As seconds this lies in the year 5138, as milliseconds in 1973."""
_SET_BACK_AFTER = 3


def moment_of(found: object) -> datetime:
    """UTC from ISO 8601 with a zone, or from seconds or milliseconds since 1970. Raises NotANumberError."""
    try:
        if isinstance(found, str):
            return to_millis(datetime.fromisoformat(found.strip()[:40]))
        if isinstance(found, int | float) and not isinstance(found, bool):
            seconds = float(found) / 1000 if abs(found) >= _MILLIS_FROM else float(found)
            return to_millis(_EPOCH + timedelta(seconds=seconds))
    except (ValueError, OverflowError) as error:
        raise NotANumberError(f"{repr(found)[:60]} is no time: {str(error)[:80]}") from error
    raise NotANumberError(f"{repr(found)[:60]} is no time; give ISO 8601 with a zone, or seconds since 1970")


class Newest:
    """Tells repetitions from news by the device's own times.

    Brokers and gateways send again. A device whose clock was set back is believed after three readings in their right
    order, like a camera's; its old times would else silence it for as long as it was set back.
    """

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._past: list[datetime] = []

    def take(self, measured: datetime) -> bool:
        """Whether ``measured`` is news."""
        if self._last is None or measured > self._last:
            self._last, self._past = measured, []
            return True
        if measured == self._last or (self._past and measured <= self._past[-1]):
            self._past = [] if measured == self._last else [measured]
            return False
        self._past.append(measured)
        if len(self._past) < _SET_BACK_AFTER:
            return False
        self._last, self._past = measured, []
        return True
