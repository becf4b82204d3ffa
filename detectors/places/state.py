"""Place memory as plain data (JSON types) and back, without loss: a restored memory goes on exactly as before."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from detectors.incidents import BlindReason
from detectors.places.allowing import PermittedKind
from detectors.places.blindness import Blindness, ZoneBlindness
from detectors.places.dwell import Dwell
from detectors.places.likeness import ALL_VISIBLE, SIDE, Thumbnail, Visible
from detectors.places.memory import PlaceMemory
from detectors.places.place import Incident, LeftBehind, Place
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass

State = dict[str, Any]

_COUNTS = (
    "sightings",
    "recognised",
    "seen_looks",
    "looks",
    "misses",
    "absent_looks",
    "unclear_looks",
    "born_look",
    "seen_look",
    "attend_looks",
    "attended_looks",
)
_CLOSE_COUNTS = ("close_hits", "close_misses", "close_look")
"""Written by no program before this one; not to know them costs a few close looks."""


def dump(memory: PlaceMemory) -> State:
    """Everything the next call depends on, but for zones and settings."""
    blindness, clock = memory.blindness, memory.clock
    return {
        "looks": memory.looks,
        "last_call": _time_out(memory.last_call),
        "last_look": _time_out(memory.last_look),
        "counters": dict(memory.counters),
        "permitted": [
            [kind.zone, kind.category.value, kind.trade, count]
            for kind, count in memory.allowances.permitted.items()
        ],
        "blind": {
            zone: [_time_out(one.since), one.reason.value, one.told] for zone, one in blindness.zones.items()
        },
        "places": [_place_out(place) for place in memory.places],
        "departed": [_place_out(place) for place in memory.departed.places],
        "past": [_time_out(clock.past_first), _time_out(clock.past_last), clock.past_looks],
    }


def load(memory: PlaceMemory, state: State) -> None:
    """Fill a fresh memory. Raises KeyError, TypeError or ValueError for what :func:`dump` did not write."""
    memory.looks = int(state["looks"])
    memory.last_call = _time_in(state["last_call"])
    memory.last_look = _time_in(state["last_look"])
    memory.counters.update({str(name): int(count) for name, count in state["counters"].items()})
    for zone, category, trade, count in state["permitted"]:
        memory.allowances.permitted[PermittedKind(str(zone), Category(category), str(trade))] = int(count)
    memory.blindness = Blindness(
        {
            str(zone): ZoneBlindness(_moment(since), BlindReason(reason), bool(told))
            for zone, (since, reason, told) in state["blind"].items()
        }
    )
    memory.places = [_place_in(item) for item in state["places"]]
    memory.departed.places = [_place_in(item) for item in state["departed"]]
    past_first, past_last, past_looks = state["past"]
    clock = memory.clock
    clock.past_first, clock.past_last, clock.past_looks = (
        _time_in(past_first),
        _time_in(past_last),
        int(past_looks),
    )


def _place_out(place: Place) -> State:
    dwell = place.dwell
    state: State = {name: getattr(place, name) for name in (*_COUNTS, *_CLOSE_COUNTS)}
    state |= {
        "id": str(place.place_id),
        "first_seen": _time_out(place.first_seen),
        "arrived": _time_out(place.arrived),
        "start": place.present_at_start,
        "bare_seen": place.bare_seen,
        "anchor": place.anchor,
        "dwell": [_time_out(dwell.last_seen), dwell.observed_s, dwell.bridged_s, dwell.bare_s],
        "portrait": _thumbnail_out(place.portrait),
        "recent": _thumbnail_out(place.recent),
        "context": _thumbnail_out(place.context),
        "known": None if place.known is ALL_VISIBLE else _known_out(place.known),
        "anchor_fixed": place.anchor_fixed,
        "boxes": place.boxes,
        "extents": place.extents,
        "scores": place.scores,
        "votes": {kind.value: vote for kind, vote in place.votes.items()},
        "absent_s": place.absent_s,
        "unasked": place.unasked,
        "confirmed": place.confirmed,
        "like_bare": place.like_bare,
        "left_behind": _left_out(place.left_behind),
        "excused": place.excused,
        "left_out": place.left_out,
        "incident": _incident_out(place.incident),
    }
    return state


def _place_in(state: State) -> Place:
    last_seen, observed, bridged, bare = state["dwell"]
    return Place(
        place_id=UUID(state["id"]),
        first_seen=_moment(state["first_seen"]),
        arrived=_moment(state["arrived"]),
        present_at_start=bool(state["start"]),
        bare_seen=bool(state["bare_seen"]),
        anchor=_box_in(state["anchor"]),
        dwell=Dwell(_moment(last_seen), float(observed), float(bridged), float(bare)),
        portrait=_thumbnail_in(state["portrait"]),
        recent=_thumbnail_in(state["recent"]),
        context=_thumbnail_in(state["context"]),
        known=ALL_VISIBLE if state["known"] is None else _known_in(state["known"]),
        anchor_fixed=bool(state["anchor_fixed"]),
        boxes=[_box_in(box) for box in state["boxes"]],
        extents=[_box_in(box) for box in state["extents"]],
        scores=[float(score) for score in state["scores"]],
        votes={ObjectClass(kind): float(vote) for kind, vote in state["votes"].items()},
        absent_s=float(state["absent_s"]),
        # Written by no program before this one; not to know it costs one look.
        unasked=bool(state.get("unasked", False)),
        confirmed=_answer_in(state.get("confirmed")),
        like_bare=float(state["like_bare"]),
        left_behind=_left_in(state["left_behind"]),
        excused=bool(state["excused"]),
        left_out=bool(state["left_out"]),
        incident=_incident_in(state["incident"]),
        **{name: int(state[name]) for name in _COUNTS},
        **{name: int(state.get(name, 0)) for name in _CLOSE_COUNTS},
    )


def _answer_in(value: Any) -> bool | None:
    if value not in (None, True, False):
        raise ValueError(f"confirmed is {value!r}")
    return None if value is None else bool(value)


def _left_out(left: LeftBehind | None) -> list[Any] | None:
    return None if left is None else [_time_out(left.at), left.sightings, left.looks, left.stays]


def _left_in(state: list[Any] | None) -> LeftBehind | None:
    return None if state is None else LeftBehind(_moment(state[0]), int(state[1]), int(state[2]), state[3])


def _incident_out(incident: Incident | None) -> State | None:
    if incident is None:
        return None
    return asdict(incident) | {
        "incident_id": str(incident.incident_id),
        "last_report": _time_out(incident.last_report),
        "since": _time_out(incident.since),
        "abandoned_at": _time_out(incident.abandoned_at),
    }


def _incident_in(state: State | None) -> Incident | None:
    if state is None:
        return None
    known = {item.name: state[item.name] for item in fields(Incident)}
    return Incident(
        **known
        | {
            "incident_id": UUID(state["incident_id"]),
            "category": Category(state["category"]),
            "last_report": _moment(state["last_report"]),
            "since": _time_in(state["since"]),
            "abandoned_at": _time_in(state["abandoned_at"]),
        }
    )


def _thumbnail_out(thumbnail: Thumbnail) -> str:
    return b64encode(thumbnail.tobytes()).decode("ascii")


def _thumbnail_in(text: str) -> Thumbnail:
    return np.frombuffer(b64decode(text, validate=True), np.uint8).reshape(SIDE, SIDE).copy()


def _known_out(known: Visible) -> str:
    return b64encode(np.packbits(known).tobytes()).decode("ascii")


def _known_in(text: str) -> Visible:
    bits = np.unpackbits(np.frombuffer(b64decode(text, validate=True), np.uint8), count=SIDE * SIDE)
    return bits.reshape(SIDE, SIDE).astype(np.bool_)


def _box_in(values: list[float]) -> Box:
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2


def _time_out(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time_in(text: str | None) -> datetime | None:
    return _moment(text) if text is not None else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {text}")
    return moment
