"""Times that a node wrote before it knew what time it was, put right afterwards (事后校时).

A node that starts without network does not know the time. It goes on looking: dwell is measured by its steady clock,
rules with hours wait, and every event says ``clocktrusted: false``. Each event also carries the *monotonic anchor*:
``monotonicms`` is the node's steady clock, within ``bootid``, at the moment that ``observedtime`` names (``time``, in
a status). Once the node knows the time, its status says so, with an anchor of the same boot. The two give

    true UTC at steady time zero  =  trusted.time - trusted.monotonicms
    shift of an untrusted event   =  true UTC at zero + event.monotonicms - event.observedtime

and the shift is added to every time in the event. The centre does this as it takes the event in, and keeps the shift
with the event, so that whatever is rebuilt from stored events comes out the same. Events of a boot in which the node
never learnt the time keep what they say, and keep saying that it is not to be trusted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from ingest.messages import Event, NodeStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(milliseconds=1)


def zero_of(event: Event) -> int | None:
    """UTC (milliseconds since 1970) at which the steady clock of the event's boot stood at zero; None: not known.

    Only a status that trusts its clock says so.
    """
    trusted = event.clocktrusted is True and event.bootid is not None and event.monotonicms is not None
    if not trusted or not isinstance(event.data, NodeStatus) or event.data.state != "online":
        return None
    return (event.time - _EPOCH) // _STEP - (event.monotonicms or 0)


def shift_ms(event: Event, zero_ms: int | None) -> int:
    """Milliseconds to be added to the times of ``event``, given its boot's zero; 0 where nothing is to be put right."""
    if event.clocktrusted is not False or event.monotonicms is None or zero_ms is None:
        return 0
    written = event.observedtime or event.time
    return zero_ms + event.monotonicms - (written - _EPOCH) // _STEP


def shifted(event: Event, by_ms: int) -> Event:
    """``event`` with every time in it moved; the same object for 0.

    A time that would leave the calendar stays.
    """
    if by_ms == 0:
        return event
    moved = _moved(event, timedelta(milliseconds=by_ms))
    assert isinstance(moved, Event)
    return moved


def _moved(value: Any, by: timedelta) -> Any:
    match value:
        case datetime():
            try:
                return value + by
            except OverflowError:
                return value
        case BaseModel():
            fields = {name: _moved(getattr(value, name), by) for name in type(value).model_fields}
            return value.model_copy(update=fields)
        case tuple():
            return tuple(_moved(item, by) for item in value)
        case _:
            return value
