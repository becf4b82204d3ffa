"""Whether somebody stands at a stall is a share of the looks at it; one without anybody is raised all the same."""

from __future__ import annotations

import pytest

from detectors.incidents import Updated
from detectors.places.attendance import stands_at
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.places.street import Thing, blind, memory, moved, opened, watch, zone

STALL: Box = (0.4, 0.4, 0.6, 0.6)
VENDOR = Thing((0.62, 0.35, 0.68, 0.6), ObjectClass.PERSON)
PASSER_BY = Thing((0.05, 0.35, 0.11, 0.6), ObjectClass.PERSON)


def share(*, at_stall: int, of: int) -> float | None:
    """What is told when in ``at_stall`` of ``of`` looks somebody stands there."""

    def scene(at: float) -> list[Thing]:
        person = VENDOR if at % of < at_stall else PASSER_BY
        return [Thing(STALL, ObjectClass.STALL), person]

    (event,) = opened(watch(memory(zone(100, Category.STREET_VENDOR)), range(200), scene))
    return event.standing.attended


@pytest.mark.parametrize(("at_stall", "of"), [(4, 4), (3, 4), (1, 4), (0, 4)])
def test_the_share_of_looks_with_somebody_at_the_stall_is_told(at_stall: int, of: int) -> None:
    assert share(at_stall=at_stall, of=of) == pytest.approx(at_stall / of, abs=0.02)


def test_blind_looks_do_not_count() -> None:
    street = memory(zone(100, Category.STREET_VENDOR))
    watch(street, range(60), lambda _: [Thing(STALL, ObjectClass.STALL), VENDOR])
    blind(street, range(60, 300))
    events = watch(street, range(300, 420), lambda _: [Thing(STALL, ObjectClass.STALL), VENDOR])
    told = [event.standing.attended for event in events if hasattr(event, "standing")]
    assert told
    assert set(told) == {1.0}


def test_updates_go_on_counting() -> None:
    def scene(at: float) -> list[Thing]:
        return [Thing(STALL, ObjectClass.STALL), *([VENDOR] if at < 100 else [])]

    events = watch(memory(zone(20, Category.STREET_VENDOR)), range(401), scene)
    last = [event for event in events if isinstance(event, Updated)][-1]
    looks = (last.at - last.standing.first_seen).total_seconds() + 1
    assert last.standing.attended == pytest.approx(100 / looks, abs=0.02)


def test_nothing_is_said_of_what_is_no_vendor() -> None:
    (event,) = opened(watch(memory(zone(20)), range(40), lambda _: [Thing(STALL), VENDOR]))
    assert event.standing.attended is None


@pytest.mark.parametrize(
    ("person", "stands"),
    [
        ((0.47, 0.3, 0.53, 0.5), True),  # behind it, feet hidden
        ((0.31, 0.36, 0.37, 0.62), True),  # beside it
        ((0.47, 0.42, 0.53, 0.66), True),  # a customer before it
        ((0.05, 0.36, 0.11, 0.62), False),
        ((0.47, 0.5, 0.53, 0.95), False),  # much nearer to the camera
        ((0.47, 0.45, 0.48, 0.48), False),  # far behind it
    ],
)
def test_at_a_stall_is_beside_behind_or_right_before_it(person: Box, stands: bool) -> None:
    assert stands_at(STALL, person) is stands
    assert stands_at(moved(STALL, 0.1), moved(person, 0.1)) is stands
