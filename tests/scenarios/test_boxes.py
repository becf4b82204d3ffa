"""Truth boxes are what the id buffer shows, no more and no less."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.taxonomy import ObjectClass
from scenarios.plan import aim
from scenarios.scene import garbage, people, stalls, vehicles, wheelers
from scenarios.scene.compose import Seen, Stage, Thing
from scenarios.scene.light import random_light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose
from scenarios.scene.street import Background

_CAMERA = aim(0.0, 0.0, 6.0, (0.0, 16.0), 520.0, 0.0)


def _stage() -> Stage:
    empty = Background(np.full((360, 640, 3), 120, np.uint8), np.full((360, 640), 255, np.uint8))
    return Stage(_CAMERA, random_light(np.random.default_rng(1), (1.0, 0.0, 0.0, 0.0)), empty)


def _mesh(kind: ObjectClass) -> Mesh:
    rng = np.random.default_rng(5)
    if kind is ObjectClass.PERSON:
        return people.walking(people.random_look(rng), 0.5)
    if kind is ObjectClass.VEHICLE:
        return vehicles.vehicle(rng, "sedan")
    if kind is ObjectClass.TWO_WHEELER:
        return wheelers.two_wheeler(rng, True)
    return garbage.garbage(rng) if kind is ObjectClass.GARBAGE else stalls.stall(rng)


def _by_number(seen: list[Seen]) -> dict[int, Seen]:
    return {one.number: one for one in seen}


@pytest.mark.parametrize("kind", [k for k in ObjectClass if k is not ObjectClass.UNKNOWN])
def test_a_box_is_the_tight_outline_of_its_ids(kind: ObjectClass) -> None:
    stage = _stage()
    _, seen = stage.draw([Thing(7, kind, _mesh(kind), Pose(1.0, 14.0, 0.6))])
    (one,) = seen
    rows, columns = np.nonzero(stage.ids == 7)
    assert one.kind is kind
    assert one.box == (columns.min() / 640, rows.min() / 360, (columns.max() + 1) / 640, (rows.max() + 1) / 360)
    assert one.pixels == len(rows)
    assert one.visible == pytest.approx(1.0)
    assert one.inside == pytest.approx(1.0)


def test_the_nearer_of_two_things_hides_the_farther_whatever_their_order() -> None:
    car, person = _mesh(ObjectClass.VEHICLE), _mesh(ObjectClass.PERSON)
    behind = Thing(1, ObjectClass.PERSON, person, Pose(0.0, 17.2))
    before = Thing(2, ObjectClass.VEHICLE, car, Pose(0.0, 15.5, np.pi / 2))
    for things in ([behind, before], [before, behind]):
        seen = _by_number(_stage().draw(things)[1])
        assert seen[2].visible == pytest.approx(1.0)
        assert seen[1].visible < 0.9


def test_a_person_beside_a_long_bus_is_not_hidden_by_its_far_end() -> None:
    bus = vehicles.vehicle(np.random.default_rng(2), "bus")
    person = Thing(1, ObjectClass.PERSON, _mesh(ObjectClass.PERSON), Pose(1.0, 18.5))
    seen = _by_number(_stage().draw([person, Thing(2, ObjectClass.VEHICLE, bus, Pose(2.5, 15.5))])[1])
    assert seen[1].visible > 0.97


def test_a_thing_at_the_edge_of_the_frame_says_how_much_of_it_is_inside() -> None:
    stage = _stage()
    edge = _CAMERA.visible_ground(638.0, 220.0)
    assert edge is not None
    _, seen = stage.draw([Thing(1, ObjectClass.VEHICLE, _mesh(ObjectClass.VEHICLE), Pose(*edge, np.pi / 2))])
    assert 0.2 < seen[0].inside < 0.8
    assert seen[0].box[2] == 1.0


def test_furniture_has_no_truth_but_hides_what_stands_behind_it() -> None:
    wall = vehicles.vehicle(np.random.default_rng(2), "bus")
    person = Thing(1, ObjectClass.PERSON, _mesh(ObjectClass.PERSON), Pose(0.0, 18.0))
    _, seen = _stage().draw([person, Thing(2, None, wall, Pose(0.0, 14.0, np.pi / 2))])
    assert [one.number for one in seen if one.visible > 0.2] == []


def test_a_still_thing_that_is_kept_between_frames_looks_as_if_drawn_anew() -> None:
    things = [
        Thing(1, ObjectClass.VEHICLE, _mesh(ObjectClass.VEHICLE), Pose(1.0, 15.0), still=True),
        Thing(2, ObjectClass.PERSON, _mesh(ObjectClass.PERSON), Pose(-1.0, 12.0)),
    ]
    stage = _stage()
    first, _ = stage.draw(things)
    again, _ = stage.draw(things)
    assert np.array_equal(first, again)
    assert np.array_equal(first, _stage().draw(things)[0])
