"""Place memory as plain data (JSON types) and back, without loss: a restored memory goes on exactly as before."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from detectors.incidents import BlindReason
from detectors.places.blindness import Blindness
from detectors.places.dwell import Dwell
from detectors.places.likeness import SIDE, Thumbnail
from detectors.places.memory import PlaceMemory
from detectors.places.place import Incident, Place
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
)


def dump(memory: PlaceMemory) -> State:
    """Everything the next call depends on, but for zones and settings."""
    blindness = memory.blindness
    return {
        "looks": memory.looks,
        "last_call": _time_out(memory.last_call),
        "last_look": _time_out(memory.last_look),
        "counters": dict(memory.counters),
        "blind": [_time_out(blindness.since), blindness.reason.value, blindness.reported],
        "places": [_place_out(place) for place in memory.places],
    }


def load(memory: PlaceMemory, state: State) -> None:
    """Fill a fresh memory. Raises KeyError, TypeError or ValueError for what :func:`dump` did not write."""
    since, reason, reported = state["blind"]
    memory.looks = int(state["looks"])
    memory.last_call = _time_in(state["last_call"])
    memory.last_look = _time_in(state["last_look"])
    memory.counters.update({str(name): int(count) for name, count in state["counters"].items()})
    memory.blindness = Blindness(_time_in(since), BlindReason(reason), [str(zone) for zone in reported])
    memory.places = [_place_in(item) for item in state["places"]]


def _place_out(place: Place) -> State:
    dwell = place.dwell
    state: State = {name: getattr(place, name) for name in _COUNTS}
    state |= {
        "id": str(place.place_id),
        "first_seen": _time_out(place.first_seen),
        "start": place.present_at_start,
        "anchor": place.anchor,
        "dwell": [_time_out(dwell.last_seen), dwell.observed_s, dwell.bridged_s, dwell.bare_s],
        "portrait": _thumbnail_out(place.portrait),
        "recent": _thumbnail_out(place.recent),
        "anchor_fixed": place.anchor_fixed,
        "boxes": place.boxes,
        "scores": place.scores,
        "votes": {kind.value: vote for kind, vote in place.votes.items()},
        "absent_s": place.absent_s,
        "incident": _incident_out(place.incident),
    }
    return state


def _place_in(state: State) -> Place:
    last_seen, observed, bridged, bare = state["dwell"]
    return Place(
        place_id=UUID(state["id"]),
        first_seen=_moment(state["first_seen"]),
        present_at_start=bool(state["start"]),
        anchor=_box_in(state["anchor"]),
        dwell=Dwell(_moment(last_seen), float(observed), float(bridged), float(bare)),
        portrait=_thumbnail_in(state["portrait"]),
        recent=_thumbnail_in(state["recent"]),
        anchor_fixed=bool(state["anchor_fixed"]),
        boxes=[_box_in(box) for box in state["boxes"]],
        scores=[float(score) for score in state["scores"]],
        votes={ObjectClass(kind): float(vote) for kind, vote in state["votes"].items()},
        absent_s=float(state["absent_s"]),
        incident=_incident_in(state["incident"]),
        **{name: int(state[name]) for name in _COUNTS},
    )


def _incident_out(incident: Incident | None) -> State | None:
    if incident is None:
        return None
    return asdict(incident) | {
        "incident_id": str(incident.incident_id),
        "last_report": _time_out(incident.last_report),
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
        }
    )


def _thumbnail_out(thumbnail: Thumbnail) -> str:
    return b64encode(thumbnail.tobytes()).decode("ascii")


def _thumbnail_in(text: str) -> Thumbnail:
    return np.frombuffer(b64decode(text, validate=True), np.uint8).reshape(SIDE, SIDE).copy()


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
