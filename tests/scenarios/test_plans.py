"""Plans of clips: every seed has its problems, its decoys and nothing that would be a problem by accident."""

from __future__ import annotations

from functools import lru_cache

import pytest

from ingest.taxonomy import ObjectClass, ZonePurpose
from scenarios.actors import Rigid, Walker
from scenarios.clips import plan_clip, render, truth_of
from scenarios.language.claims import Subject
from scenarios.plan import FPS, Plan, View, contains, whole_box
from scenarios.training_set import FIRST_TRAINING_SEED

_VIEWS: tuple[View, ...] = ("junction", "market")
_SEEDS = (0, 1, 2, 3, 42, 999_999)
_LONGEST_WAIT_S = 8.0


@lru_cache(maxsize=32)
def _plan(seed: int, view: View) -> Plan:
    return plan_clip(seed, view)


def _longest_halt_s(actor: Rigid | Walker, frames: int) -> float:
    longest = run = 0
    for frame in range(1, frames):
        present = actor.track.row(frame) is not None and actor.track.row(frame - 1) is not None
        run = run + 1 if present and not actor.track.moves(frame) else 0
        longest = max(longest, run)
    return longest / FPS


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("view", _VIEWS)
def test_the_truth_of_a_plan_is_valid_and_lasts_as_long_as_promised(seed: int, view: View) -> None:
    truth = truth_of(_plan(seed, view))
    assert 80 <= truth.duration_s <= 100
    assert all(5 <= problem.start_s <= 32 for problem in truth.problems)
    assert all(seen.box[2] - seen.box[0] >= 0.034 for problem in truth.problems for seen in problem.seen)


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_junction_has_one_wrong_car_two_bay_cars_and_traffic_both_ways(seed: int) -> None:
    plan = _plan(seed, "junction")
    assert [p.category for p in plan.problems] == [Subject.PARKED_VEHICLE]
    assert {z.zone.purpose for z in plan.zones} == {ZonePurpose.NO_STOPPING, ZonePurpose.PARKING_BAY}
    assert {d.id for d in plan.decoys} >= {"bay_car", "bay_arrival", "traffic", "pedestrian"}
    cars = [a for a in plan.actors if isinstance(a, Rigid) and a.kind is ObjectClass.VEHICLE]
    moving = [c for c in cars if _longest_halt_s(c, plan.frames) <= _LONGEST_WAIT_S]
    assert len(cars) - len(moving) == 3
    assert {c.track.rows[0, 0] > 0 for c in moving} == {True, False}


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_market_has_one_vendor_one_bag_and_a_two_wheeler_that_passes(seed: int) -> None:
    plan = _plan(seed, "market")
    assert [p.category for p in plan.problems] == [Subject.STREET_VENDOR, Subject.GARBAGE]
    kinds = [a.kind for a in plan.actors if isinstance(a, Rigid)]
    assert kinds.count(ObjectClass.STALL) == 1
    assert kinds.count(ObjectClass.GARBAGE) == 1
    assert kinds.count(ObjectClass.TWO_WHEELER) >= 1
    vehicles = [a for a in plan.actors if isinstance(a, Rigid) and a.kind is ObjectClass.VEHICLE]
    assert all(_longest_halt_s(v, plan.frames) <= _LONGEST_WAIT_S for v in vehicles)


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("view", _VIEWS)
def test_nobody_on_foot_stands_still_long_enough_to_be_a_case(seed: int, view: View) -> None:
    plan = _plan(seed, view)
    walkers = [a for a in plan.actors if isinstance(a, Walker)]
    assert len(walkers) >= 5
    assert max(_longest_halt_s(w, plan.frames) for w in walkers) <= 12.0


@pytest.mark.parametrize("seed", _SEEDS)
def test_cars_in_their_bays_stand_outside_the_no_stopping_zone(seed: int) -> None:
    plan = _plan(seed, "junction")
    zone = next(z.zone for z in plan.zones if z.zone.purpose is ZonePurpose.NO_STOPPING)
    for actor in plan.actors:
        if not isinstance(actor, Rigid) or actor.kind is not ObjectClass.VEHICLE:
            continue
        if actor.number in plan.problem_actors or _longest_halt_s(actor, plan.frames) <= _LONGEST_WAIT_S:
            continue
        pose = actor.track.pose(plan.frames - 1)
        assert pose is not None
        box = whole_box(actor.mesh, pose, plan.camera, plan.light)
        assert box is not None
        assert not contains(zone.polygon, (box[0] + box[2]) / 2, box[3])


@pytest.mark.parametrize("view", _VIEWS)
def test_the_problem_box_is_where_the_settled_problem_is_seen(view: View) -> None:
    plan = _plan(1, view)
    for problem, number in zip(plan.problems, plan.problem_actors, strict=True):
        best = 0.0
        for offset in (1, 5, 9):
            frame = round((problem.start_s + offset) * FPS)
            _, seen = next(render(plan, frame, frame + 1))
            for one in seen:
                if one.number == number and one.visible > 0.97:
                    worst = max(abs(a - b) for a, b in zip(one.box, problem.seen[0].box, strict=True))
                    best = max(best, 1.0 - worst)
        assert best > 0.985


@pytest.mark.parametrize("view", _VIEWS)
def test_the_same_seed_gives_the_same_truth_and_another_seed_another(view: View) -> None:
    assert truth_of(plan_clip(3, view)) == truth_of(_plan(3, view))
    assert truth_of(_plan(3, view)) != truth_of(_plan(2, view))


def test_seeds_of_the_training_set_are_refused() -> None:
    with pytest.raises(ValueError, match="train models"):
        plan_clip(FIRST_TRAINING_SEED, "junction")
    with pytest.raises(ValueError, match="seed -1"):
        plan_clip(-1, "market")
