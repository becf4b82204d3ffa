"""The observer on drawn frames: static things without a name, light, darkness, restarts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from detectors.incidents import BlindReason, Closed, Opened, SeesAgain, Transition, WentBlind
from detectors.observer import Observer, SnapshotInvalid
from detectors.types import Detections, DetectorError
from ingest.taxonomy import SEEN_CATEGORIES, Category, ObjectClass
from tests.detectors.pixel_street import BAG, HEIGHT, WIDTH, Item, PixelStreet, detections, pixels
from tests.detectors.places.street import Ids, closed, moment, moved, opened, zone

STREET = PixelStreet()
Scene = Callable[[int], Sequence[Item]]


def _observer(*categories: Category, dwell_s: float = 20, static_objects: bool = True) -> Observer:
    return Observer(
        "north",
        [zone(dwell_s, *(categories or SEEN_CATEGORIES))],
        static_objects=static_objects,
        look_interval_s=1.0,
        new_id=Ids(),
    )


def _watch(
    observer: Observer, looks: range, scene: Scene, light: Callable[[int], float] = lambda _look: 1.0
) -> list[Transition]:
    events: list[Transition] = []
    for look in looks:
        items = scene(look)
        frame = STREET.frame(look, items, gain=light(look))
        events += observer.look(frame, moment(look), detections(items))
    return events


def test_a_thing_that_no_model_knows_is_raised_once_and_closed_when_it_is_taken_away() -> None:
    observer = _observer()
    events = _watch(observer, range(130), lambda look: [Item(BAG)] if 20 <= look < 90 else [])
    (raised,), (ended,) = opened(events), closed(events)
    assert raised.standing.category is Category.STATIC_OBJECT
    assert raised.standing.box == pytest.approx(BAG, abs=0.02)
    assert moment(40) <= raised.at <= moment(50)
    assert moment(85) <= ended.standing.last_seen <= moment(90)


def test_without_a_rule_or_without_the_option_unknown_things_raise_nothing() -> None:
    for observer in (_observer(Category.PARKED_VEHICLE), _observer(static_objects=False)):
        assert _watch(observer, range(80), lambda look: [Item(BAG)] if look >= 20 else []) == []


def test_a_standing_thing_is_never_absorbed_into_the_background() -> None:
    observer = _observer(dwell_s=5)
    events = _watch(observer, range(400), lambda look: [Item(BAG)] if look >= 20 else [])
    assert len(opened(events)) == 1
    assert not closed(events)
    background = observer.background()
    assert background is not None
    bare = cv2.resize(STREET.frame(0), (background.shape[1], background.shape[0]), interpolation=cv2.INTER_AREA)
    assert float(np.abs(background.astype(int) - bare).mean()) < 4


def test_something_of_the_background_that_leaves_is_absorbed_not_raised() -> None:
    observer = _observer()
    events = _watch(observer, range(120), lambda look: [Item(BAG)] if look < 30 else [])
    assert events == []
    assert observer.counters["ghosts_absorbed"] >= 1


@pytest.mark.parametrize("dim", [0.5, 0.75, 1.3])
def test_a_change_of_light_raises_nothing_and_ends_nothing(dim: float) -> None:
    observer = _observer()
    events = _watch(
        observer,
        range(150),
        lambda look: [Item(BAG)] if look >= 15 else [],
        light=lambda look: 1.0 if look < 60 else dim,
    )
    assert len(opened(events)) == 1
    assert not closed(events)


def test_a_shadow_that_leaves_the_texture_of_the_ground_is_not_a_thing() -> None:
    observer = _observer()
    left, top, right, bottom = pixels((0.1, 0.45, 0.5, 0.75))
    events: list[Transition] = []
    for look in range(100):
        frame = STREET.frame(look)
        if look >= 20:
            frame[top:bottom, left:right] = frame[top:bottom, left:right] // 2
        events += observer.look(frame, moment(look), Detections.empty())
    assert events == []


def test_a_view_that_changes_right_after_the_start_is_told_and_learnt_anew_and_raises_nothing() -> None:
    observer = _observer()
    wall = Item((0.05, 0.05, 0.95, 0.95), seed=3)
    events = _watch(observer, range(120), lambda look: [wall] if look >= 20 else [])
    assert [type(event) for event in events] == [WentBlind, SeesAgain]
    events = _watch(observer, range(120, 200), lambda look: [wall, Item(BAG, seed=9)] if look >= 140 else [wall])
    assert len(opened(events)) == 1


def test_things_that_move_without_being_detected_raise_nothing() -> None:
    observer = _observer()
    events = _watch(observer, range(150), lambda look: [Item(moved(BAG, (look * 0.03) % 0.5 - 0.3))])
    assert events == []


def test_people_who_pass_and_stop_raise_nothing() -> None:
    observer = _observer()

    def scene(look: int) -> list[Item]:
        walker = (look * 0.02) % 0.9
        standing = Item((0.7, 0.3, 0.75, 0.6), ObjectClass.PERSON, seed=4)
        return [Item((walker, 0.4, walker + 0.05, 0.7), ObjectClass.PERSON, seed=2), standing]

    assert _watch(observer, range(200), scene) == []


def test_a_standing_person_whom_the_detector_often_misses_is_no_static_object() -> None:
    observer = _observer()
    hits = np.random.default_rng(3).random(200) < 0.6
    events = _watch(
        observer,
        range(200),
        lambda look: [Item(BAG, ObjectClass.PERSON if hits[look] else None)] if look >= 15 else [],
    )
    assert events == []


def test_the_shadow_that_a_known_thing_casts_is_no_thing() -> None:
    observer = _observer()
    stall = Item((0.4, 0.3, 0.5, 0.6), ObjectClass.STALL)
    left, top, right, bottom = pixels((0.5, 0.52, 0.62, 0.62))
    events: list[Transition] = []
    for look in range(100):
        items = [stall] if look >= 20 else []
        frame = STREET.frame(look, items)
        if items:
            frame[top:bottom, left:right] = frame[top:bottom, left:right] // 2
        events += observer.look(frame, moment(look), detections(items))
    assert [event.standing.category for event in opened(events)] == [Category.STREET_VENDOR]


def test_a_person_in_front_of_an_unknown_thing_does_not_end_it() -> None:
    observer = _observer()
    person = Item((0.38, 0.35, 0.5, 0.65), ObjectClass.PERSON, seed=2)
    events = _watch(
        observer,
        range(140),
        lambda look: ([Item(BAG)] if look >= 15 else []) + ([person] if 60 <= look < 90 else []),
    )
    assert len(opened(events)) == 1
    assert not closed(events)


def test_an_unknown_thing_that_the_detector_names_later_stays_one_problem() -> None:
    for named_at in (28, 70):
        observer = _observer()

        def scene(look: int, named_at: int = named_at) -> list[Item]:
            return [Item(BAG, ObjectClass.GARBAGE if look >= named_at else None)] if look >= 15 else []

        events = _watch(observer, range(150), scene)
        assert len(opened(events)) == 1
        assert not closed(events)


def test_a_parked_car_that_the_detector_often_misses_is_one_problem_with_static_objects_on() -> None:
    observer = _observer()
    car: tuple[float, float, float, float] = (0.5, 0.4, 0.8, 0.7)
    rng = np.random.default_rng(8)
    hits = rng.random(300) < 0.5
    events = _watch(
        observer,
        range(300),
        lambda look: [Item(car, ObjectClass.VEHICLE if hits[look] else None)] if 15 <= look < 200 else [],
    )
    assert [event.standing.category for event in opened(events)] == [Category.PARKED_VEHICLE]
    (ended,) = closed(events)
    assert moment(198) <= ended.standing.last_seen <= moment(200)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (np.full((HEIGHT, WIDTH, 3), 4, np.uint8), BlindReason.DARK),
        (np.full((HEIGHT, WIDTH, 3), 128, np.uint8), BlindReason.COVERED),
    ],
)
def test_a_picture_that_shows_nothing_is_blindness_not_absence(frame: np.ndarray, reason: BlindReason) -> None:
    observer = _observer()
    parked = [Item((0.5, 0.4, 0.8, 0.7), ObjectClass.VEHICLE)]
    _watch(observer, range(30), lambda _look: parked)
    events = [e for look in range(30, 90) for e in observer.look(frame, moment(look), Detections.empty())]
    assert events == [WentBlind(moment(41), "kerb", moment(30), reason)]
    events = _watch(observer, range(90, 120), lambda _look: parked)
    assert isinstance(events[0], SeesAgain)
    assert not [event for event in events if isinstance(event, Opened | Closed)]


def test_a_restart_at_any_look_changes_no_transition() -> None:
    def scene(look: int) -> list[Item]:
        car = Item((0.6, 0.3, 0.85, 0.55), ObjectClass.VEHICLE if look % 3 else None, seed=6)
        walker = (look * 0.04) % 0.9
        person = Item((walker, 0.4, walker + 0.05, 0.7), ObjectClass.PERSON, seed=2)
        return [car, *([Item(BAG)] if 14 <= look < 45 else []), person]

    steady, restarted, ids = _observer(dwell_s=8), _observer(dwell_s=8), Ids()
    restarted._memory._new_id = ids
    raised = 0
    for look in range(60):
        expected = _watch(steady, range(look, look + 1), scene)
        restarted = Observer.restore(
            restarted.snapshot(),
            "north",
            [zone(8, *SEEN_CATEGORIES)],
            static_objects=True,
            look_interval_s=1.0,
            new_id=ids,
        )
        assert _watch(restarted, range(look, look + 1), scene) == expected
        raised += len(opened(expected))
    assert raised == 2
    assert steady.snapshot() == restarted.snapshot()


def test_a_damaged_or_foreign_snapshot_is_refused() -> None:
    observer = _observer()
    _watch(observer, range(12), lambda _look: [Item(BAG, ObjectClass.VEHICLE)])
    good = observer.snapshot()

    def restore(data: bytes, camera: str = "north") -> Observer:
        return Observer.restore(data, camera, [zone(8)], static_objects=True, look_interval_s=1.0, new_id=Ids())

    restore(good)
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0xFF
    for bad in (b"", b"KWOB", b"nonsense" * 9, good[:-9], good[:4] + b"\x63" + good[5:], bytes(flipped)):
        with pytest.raises(SnapshotInvalid):
            restore(bad)
    with pytest.raises(SnapshotInvalid, match="south"):
        restore(good, "south")


def test_pictures_of_another_shape_start_the_background_anew_once_they_last() -> None:
    observer = _observer()
    _watch(observer, range(20), lambda _look: [])
    for look in range(20, 25):
        assert observer.background() is not None
        square = np.asarray(cv2.resize(STREET.frame(look), (400, 400)), np.uint8)
        assert observer.look(square, moment(look), Detections.empty()) == []
    assert observer.background() is None


def test_bad_frames_and_times_without_zone_are_refused() -> None:
    observer = _observer()
    with pytest.raises(DetectorError):
        observer.look(np.zeros((0, 0, 3), np.uint8), moment(0), Detections.empty())
    with pytest.raises(ValueError, match="zone"):
        observer.look(STREET.frame(0), moment(0).replace(tzinfo=None), Detections.empty())


def test_the_background_is_unknown_until_learnt() -> None:
    observer = _observer()
    assert observer.background() is None
    _watch(observer, range(9), lambda _look: [])
    background = observer.background()
    assert background is not None
    assert background.shape == (180, 320, 3)
