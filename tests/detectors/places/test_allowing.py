"""What is permitted or left out is counted once a visit, by zone, category and trade, within bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detectors.incidents import OpenReason
from detectors.places import state
from detectors.places.allowing import KINDS_KEPT, PermittedKind
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Zone
from tests.detectors.places.street import EVERYWHERE, Ids, Thing, memory, moved, opened, watch, zone
from tests.detectors.places.test_firing import CAR, VENDOR, Metres, clock, made

STALL = ObjectClass.STALL


def fair(*trades: tuple[str, float, float], **fields: Any) -> Zone:
    """A pavement whose permits for vendors run so many seconds from and to the start."""
    permits = [{"category": VENDOR, "from": clock(a), "to": clock(b), "trade": trade} for trade, a, b in trades]
    return made(zone(20, VENDOR, name="fair"), permits=permits, **fields)


def kinds(street: PlaceMemory) -> dict[tuple[str, str, str], int]:
    return {(k.zone, k.category.value, k.trade): n for k, n in street.allowances.permitted.items()}


def test_a_permitted_visit_is_counted_for_its_trade_and_the_trade_told_when_the_permit_ends() -> None:
    street = memory(fair(("snacks", -3600, 120), ("fruit", 3600, 7200)))
    (event,) = opened(watch(street, range(200), lambda _: [Thing(CAR, STALL)]))
    assert (event.reason, event.trade) == (OpenReason.PERMIT_ENDED, "snacks")
    assert kinds(street) == {("fair", "street_vendor", "snacks"): 1}


def test_two_trades_at_one_hour_cannot_be_told_apart_and_are_named_together() -> None:
    street = memory(fair(("snacks", -3600, 600), ("fruit", -1800, 600)))
    watch(street, range(60), lambda _: [Thing(CAR, STALL)])
    assert kinds(street) == {("fair", "street_vendor", "snacks / fruit"): 1}


def test_what_a_purpose_allows_is_counted_for_the_zone_that_allows_it() -> None:
    bay = Zone(name="bay", purpose=ZonePurpose.PARKING_BAY, polygon=EVERYWHERE)
    street = memory(zone(20), bay)
    watch(street, range(60), lambda _: [Thing(CAR)])
    assert kinds(street) == {("bay", "parked_vehicle", ""): 1}


def test_who_was_never_allowed_has_no_trade() -> None:
    street = memory(fair(("snacks", 3600, 7200)))
    (event,) = opened(watch(street, range(60), lambda _: [Thing(CAR, STALL)]))
    assert event.trade == ""
    assert kinds(street) == {}


def test_kinds_beyond_the_bound_are_counted_as_dropped() -> None:
    street = memory(fair(("snacks", -3600, 600)))
    for number in range(KINDS_KEPT):
        street.allowances.permitted[PermittedKind(f"old-{number}", Category.GARBAGE)] = 1
    watch(street, range(60), lambda _: [Thing(CAR, STALL)])
    assert len(kinds(street)) == KINDS_KEPT
    assert street.counters["permitted_kinds_dropped"] == street.counters["permitted_street_vendor"] == 1


def test_counts_outlive_a_restart() -> None:
    zones = [fair(("snacks", -3600, 600))]
    street = memory(*zones)
    watch(street, range(60), lambda _: [Thing(CAR, STALL)])
    again = PlaceMemory(zones, look_interval_s=1.0, new_id=Ids(), settings=MemorySettings())
    state.load(again, json.loads(json.dumps(state.dump(street))))
    watch(again, range(60, 120), lambda _: [Thing(CAR, STALL)])
    assert kinds(again) == {("fair", "street_vendor", "snacks"): 1}


# -- sizes ----------------------------------------------------------------------------------------

SMALL: Box = (0.3, 0.4, 0.4, 0.48)


class Hill(Metres):
    """A street of which nothing can be measured: its things stand above the horizon."""

    def size_m(self, box: Box) -> tuple[float, float] | None:  # type: ignore[override]  # it has none
        return None


@pytest.mark.parametrize(
    ("limits", "ground", "counter"),
    [
        ({"min_size_m": 3}, Metres(), "too_small_parked_vehicle"),
        ({"max_size_m": 1}, Metres(), "too_large_parked_vehicle"),
        ({"min_size_m": 3}, Hill(), "size_unknown_parked_vehicle"),
        ({"max_size_m": 3}, None, "size_unknown_parked_vehicle"),
    ],
)
def test_what_sizes_leave_out_is_counted_once_a_visit(
    limits: dict[str, float], ground: Metres | None, counter: str
) -> None:
    base = zone(20)
    ruled = made(base, rules=[{**base.rules[0].model_dump(), **limits}])
    street = PlaceMemory([ruled], look_interval_s=1.0, new_id=Ids(), settings=MemorySettings(), ground=ground)
    assert opened(watch(street, range(60), lambda _: [Thing(SMALL)])) == []
    counted = {name: n for name, n in street.counters.items() if name.startswith(("too_", "size_"))}
    assert counted == {counter: 1}


def test_who_leaves_before_the_dwell_is_not_counted_as_left_out() -> None:
    base = zone(20)
    ruled = made(base, rules=[{**base.rules[0].model_dump(), "min_size_m": 3}])
    street = PlaceMemory([ruled], look_interval_s=1.0, new_id=Ids(), settings=MemorySettings(), ground=Metres())
    watch(street, range(60), lambda at: [Thing(SMALL)] if at < 15 else [])
    assert "too_small_parked_vehicle" not in street.counters


def test_each_visit_is_counted() -> None:
    street = memory(fair(("snacks", -3600, 600)))
    watch(street, range(60), lambda _: [Thing(CAR, STALL)])
    watch(street, range(60, 150), lambda _: [])
    watch(street, range(150, 200), lambda _: [Thing(moved(CAR, 0.4), STALL, face=9)])
    assert kinds(street) == {("fair", "street_vendor", "snacks"): 2}
