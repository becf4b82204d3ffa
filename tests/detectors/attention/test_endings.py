"""What has gone is known to be gone: the detector is asked at once where the picture says so, else within a sweep."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.attention.answer import Answer
from detectors.attention.attention import Attention, ChangeTest
from detectors.attention.change import Change, Grey
from detectors.attention.evidence import interest
from detectors.attention.merge import WHOLE
from detectors.attention.settings import AttentionSettings
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting
from detectors.types import Detections
from ingest.messages import Box
from ingest.taxonomy import Category
from tests.detectors.attention.test_attention import LyingTest
from tests.detectors.places.street import CAR, StreetView, Thing, closed, memory, moment, opened, zone

CLEAR_S = 5.0
DWELL_S = 8.0
ENOUGH = MemorySettings().anchor_sightings
TILE: Box = (0.1, 0.2, 0.7, 0.8)
GREY: Grey = np.full((180, 320), 90, np.uint8)


class Sees:
    """A camera whose change test lies; the detector is asked only where attention asks it."""

    def __init__(self, sweep_s: float, lies: ChangeTest, *, tiled: bool = False) -> None:
        self.street: PlaceMemory = memory(zone(DWELL_S, Category.PARKED_VEHICLE, clear_s=CLEAR_S))
        self._attention = Attention(
            AttentionSettings(sweep_interval_s=sweep_s),
            self.street._rules.zones,
            [TILE] if tiled else [],
            change_test=lies,
        )

    def look(self, second: int, thing: Thing | None) -> tuple[Answer, list[object]]:
        asked = interest(
            self.street.places, self._attention.answer, self.street.has_rule_for, lambda _: False, ENOUGH
        )
        plan = self._attention.plan(GREY, moment(second), asked)
        found = [_found(thing) for _ in plan.regions]
        answer = self._attention.settle(plan, GREY, moment(second), found)
        sightings = [
            Sighting(_box(row), float(score), kind, bool(carried))
            for row, score, kind, carried in zip(
                answer.found.boxes, answer.found.scores, answer.found.classes, answer.found.carried, strict=True
            )
        ]
        view = StreetView([thing] if thing else [])
        return answer, [*self.street.look(moment(second), sightings, [], view, looked=answer.looked_at)]


def _found(thing: Thing | None) -> Detections:
    if thing is None or not thing.detected:
        return Detections.empty()
    return Detections(np.array([thing.box], np.float32), np.array([0.8], np.float32), (thing.kind,))


def _box(row: np.ndarray) -> Box:
    x1, y1, x2, y2 = (float(side) for side in row)
    return x1, y1, x2, y2


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.0, 0.001, 0.05]),
    sweep_s=st.sampled_from([10.0, 30.0]),
    missed_from=st.integers(20, 100),
    goes=st.integers(30, 80),
    tiled=st.booleans(),
)
def test_a_true_ending_is_told_within_a_sweep_and_only_by_looks_of_the_detector(
    seed: int, share: float, sweep_s: float, missed_from: int, goes: int, *, tiled: bool
) -> None:
    """From ``missed_from`` on the detector misses the car, though it stands until it ``goes``: the picture alone speaks
    for it. Neither that nor any carried answer ends it before, and its end is late by one sweep at most."""
    camera = Sees(sweep_s, LyingTest(seed, share), tiled=tiled)
    events = []
    ended: int | None = None
    for second in range(goes + 60):
        thing = Thing(CAR, detected=second < missed_from) if second < goes else None
        answer, told = camera.look(second, thing)
        events += told
        if closed(told):
            assert answer.looked_at(CAR)
            ended = second
    assert len(opened(events)) == 1
    assert len(closed(events)) == 1
    assert ended is not None
    assert goes + CLEAR_S <= ended <= goes + sweep_s + CLEAR_S + 2


def test_where_the_picture_says_gone_and_the_last_answer_says_nothing_the_detector_is_asked_in_the_next_look() -> (
    None
):
    """The change test sees nothing when it goes, so only the remembered place can ask: the end is late by one look."""
    second, goes = 0, 40

    def only_at_20(_before: Grey, _now: Grey) -> Change:
        return Change(np.full((23, 40), second == 20), light=False)

    camera = Sees(600.0, only_at_20)
    events, asked = [], []
    for second in range(60):
        thing = Thing(CAR, detected=second < 20) if second < goes else None
        answer, told = camera.look(second, thing)
        events += told
        if WHOLE in answer.fresh:
            asked.append(second)
    (ended,) = closed(events)
    assert (ended.at - moment(goes)).total_seconds() == 1 + CLEAR_S
    assert [at for at in asked if at >= 20] == [20, 41, 42, 43, 44, 45, 46]


def test_a_place_that_its_tile_shows_is_not_looked_at_by_the_whole_picture() -> None:
    answer = Answer(Detections.empty(), frozenset({WHOLE}), (TILE,))
    assert not answer.looked_at(CAR)
    assert answer.looked_at((0.0, 0.0, 0.9, 0.9))
    assert Answer(Detections.empty(), frozenset({TILE}), (TILE,)).looked_at(CAR)
    assert not Answer(Detections.empty(), frozenset(), ()).looked_at(CAR)
