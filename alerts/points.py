"""Time-series points as lines of InfluxDB line protocol. Pure and deterministic.

The same event or history row always gives the same line, so writing twice changes nothing and the whole series can
be rebuilt from the database. Tags are few and bounded (site, node, camera, zone, category); integers carry ``i``.
Two points of one series never share a timestamp: the nanoseconds below the millisecond come from a hash of what
the point is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ingest.messages import Event, IncidentClosed, IncidentOpened, Reading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\ ", "\r": r"\ "})

INCIDENT = "kerbwatch_incident"
CASE = "kerbwatch_case"
READING = "kerbwatch_reading"


def line(
    measurement: str,
    tags: Mapping[str, str],
    fields: Mapping[str, int | float],
    at: datetime,
    identity: str,
) -> str:
    """One line of line protocol, timestamp in nanoseconds.

    Args:
        measurement: Name of the series.
        tags: Sorted and escaped here; empty values are left out.
        fields: At least one. ``int`` becomes an integer field, ``float`` a float field; booleans are not used.
        at: UTC.
        identity: What the point is about; decides its sub-millisecond nanoseconds.
    """
    head = "".join(f",{_escape(key)}={_escape(value)}" for key, value in sorted(tags.items()) if value)
    body = ",".join(f"{_escape(key)}={_number(value)}" for key, value in sorted(fields.items()))
    return f"{_escape(measurement)}{head} {body} {_nanoseconds(at, identity)}"


def points_of_event(event: Event) -> list[str]:
    """The points an event stands for; none for updates, blindness, evictions and heartbeats (see ``/metrics``)."""
    site, node = event.node
    data = event.data
    here = {"site": site, "node": node}
    identity = f"{event.source}#{event.id}"
    match data:
        case IncidentOpened():
            tags = {**here, "camera": data.camera, "zone": data.zone, "category": data.category.value}
            fields = {"opened": 1, "score": float(data.score), "threshold_s": float(data.dwell.threshold_s)}
            return [line(INCIDENT, tags, fields, event.time, identity)]
        case IncidentClosed():
            tags = {**here, "camera": data.camera, "zone": data.zone, "category": data.category.value}
            dwell = {"observed_s": float(data.dwell.observed_s), "bridged_s": float(data.dwell.bridged_s)}
            return [line(INCIDENT, tags, {"closed": 1, **dwell}, event.time, identity)]
        case Reading():
            return [line(READING, here, _fields_of(data), data.at, identity)]
        case _:
            return []


def _fields_of(data: Reading) -> dict[str, int | float]:
    """The value (of a window its mean), and of a window what it lay between."""
    name = f"{data.sensor}_{data.quantity}"
    fields: dict[str, int | float] = {name: float(data.value)}
    if data.minimum is not None and data.maximum is not None and data.count is not None:
        fields |= {
            f"{name}_min": float(data.minimum),
            f"{name}_max": float(data.maximum),
            f"{name}_count": data.count,
        }
    return fields


def point_of_transition(case_id: str, sequence: int, action: str, at: datetime, place: Mapping[str, str]) -> str:
    """The point of one history row; ``place`` holds its tags as they were when it was written."""
    return line(CASE, place, {action: 1}, at, f"{case_id}#{sequence}")


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _number(value: int | float) -> str:
    return f"{value}i" if isinstance(value, int) else repr(value)


def _nanoseconds(at: datetime, identity: str) -> int:
    millis = (at - _EPOCH) // timedelta(milliseconds=1)
    offset = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big") % 1_000_000
    return millis * 1_000_000 + offset
