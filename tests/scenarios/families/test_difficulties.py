"""Each difficulty that the proving ground promises occurs in some family, and is what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from ingest.taxonomy import Category, ZonePurpose
from scenarios.families import FAMILIES, build
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.scenario import Scenario
from scenarios.language.sensors import Quantity
from scenarios.world.audit import audit
from scenarios.world.world import World


@cache
def scenarios() -> tuple[Scenario, ...]:
    return tuple(
        build(name, seed, family.profiles[0]) for name, family in FAMILIES.items() for seed in (0, 1, 2, 3)
    )


def of(name: str, seed: int = 1) -> Scenario:
    return build(name, seed, FAMILIES[name].profiles[0])


@pytest.mark.parametrize("kind", list(ConditionKind))
def test_every_condition_occurs(kind: ConditionKind) -> None:
    assert any(condition.kind is kind for scenario in scenarios() for condition in scenario.conditions)


@pytest.mark.parametrize("why", list(Innocence))
def test_every_reason_not_to_report_occurs(why: Innocence) -> None:
    assert any(claim.why is why for scenario in scenarios() for claim in scenario.must_not)


@pytest.mark.parametrize("subject", [one for one in Subject if one is not Subject.STREET_MARKET])
def test_every_kind_of_problem_occurs(subject: Subject) -> None:
    assert any(problem.category is subject for scenario in scenarios() for problem in scenario.problems)


def test_every_quantity_is_measured() -> None:
    measured = {
        sensor.quantity
        for name in ("pm_episode", "noise_night", "bin_fills", "water_rises")
        for seed in range(8)
        for sensor in of(name, seed).sensors
    }
    assert measured == set(Quantity)


@pytest.mark.parametrize("name", ["pm_episode", "noise_night", "bin_fills", "water_rises"])
def test_a_sensor_has_an_alarm_a_short_excess_and_gaps(name: str) -> None:
    (sensor,) = of(name).sensors
    (alarm,) = of(name).problems
    (excess,) = of(name).must_not
    assert sensor.rule is not None
    assert sensor.missing
    assert alarm.end_s is not None
    assert alarm.end_s - alarm.start_s > 1.3 * sensor.rule.for_s + 5
    assert excess.end_s is not None
    assert excess.end_s - excess.start_s < 0.7 * sensor.rule.for_s


def test_zones_of_all_purposes_occur() -> None:
    found = {zone.purpose for scenario in scenarios() for zone in scenario.zones}
    assert found == set(ZonePurpose)


def test_a_market_names_its_members_apart_from_itself() -> None:
    scenario = of("market")
    (market,) = scenario.markets
    assert set(market.members) == {problem.id for problem in scenario.problems}
    assert len(market.members) >= 3


def test_long_markets_grow_to_many_stalls() -> None:
    sizes = [len(build("market", seed, "long").problems) for seed in range(12)]
    assert min(sizes) >= 3
    assert max(sizes) >= 9


def test_a_zombie_car_stands_most_of_a_working_day() -> None:
    (problem,) = of("long_stay").problems
    assert of("long_stay").duration_s - problem.start_s > 7.5 * 3600


def test_the_vendor_who_moves_on_is_one_problem_at_two_places() -> None:
    scenario = of("vendor_moves_ten_metres")
    (problem,) = scenario.problems
    stands = World(scenario).stands(problem.actors[0])
    assert [round(abs(stands[-1].spot.y - stands[0].spot.y)) in range(8, 13)] == [True]


def test_a_replaced_car_is_another_problem_and_looks_different() -> None:
    for name in ("another_car_same_place", "replaced_behind_bus", "power_cut_and_replacement"):
        scenario = of(name)
        first, second = scenario.problems
        assert first.end_s is not None
        assert first.end_s < second.start_s
        assert scenario.actor(first.actors[0]).seed != scenario.actor(second.actors[0]).seed


def test_a_car_that_is_soon_back_is_one_problem_and_looks_the_same() -> None:
    (problem,) = of("same_car_returns").problems
    stands = World(of("same_car_returns")).stands(problem.actors[0])
    assert len(stands) == 2
    assert (stands[0].spot.x, stands[0].spot.y) == (stands[1].spot.x, stands[1].spot.y)


def test_queues_and_buses_stand_longer_than_the_dwell_and_are_no_problem() -> None:
    for name in ("red_light_queue", "bus_at_stop"):
        longest = [
            max(end - begin for _, begin, end, _ in World(scenario).member_stands()) / dwell(scenario)
            for scenario in (build(name, seed, "long") for seed in range(6))
        ]
        assert max(longest) > 1.0
        assert not of(name).problems


def dwell(scenario: Scenario) -> float:
    return min(rule.dwell_s for zone in scenario.zones for rule in zone.rules)


def occluded(hides: Callable[[str], bool], name: str, seed: int) -> tuple[Scenario, list[str]]:
    scenario = of(name, seed)
    return scenario, [actor.id for actor in scenario.actors if hides(actor.id)]


@pytest.mark.parametrize("seed", range(3))
def test_a_bus_stands_before_the_place_at_which_cars_are_exchanged(seed: int) -> None:
    scenario, buses = occluded(lambda name: name == "bus", "replaced_behind_bus", seed)
    first, second = scenario.problems
    (stand,) = World(scenario).stands(buses[0])
    assert first.end_s is not None
    assert stand.from_s < first.end_s < second.start_s < stand.to_s


def test_static_objects_are_looked_for_exactly_where_a_zone_has_a_rule_against_them() -> None:
    for scenario in scenarios():
        ruled = any(rule.category is Category.STATIC_OBJECT for zone in scenario.zones for rule in zone.rules)
        assert any(camera.static_objects for camera in scenario.cameras) == ruled, scenario.family
        left = any(problem.category is Subject.STATIC_OBJECT for problem in scenario.problems)
        assert ruled or not left, scenario.family
    assert {s.family for s in scenarios() if any(camera.static_objects for camera in s.cameras)} >= {
        "crate_on_pavement",
        "things_left_standing",
    }


def test_what_lies_on_the_pavement_in_the_crate_family_is_a_crate() -> None:
    (problem,) = of("crate_on_pavement").problems
    assert of("crate_on_pavement").actor(problem.actors[0]).kind is ActorKind.CRATE


def test_cameras_that_overlap_say_so_and_nodes_differ() -> None:
    assert all(camera.overlaps for camera in of("overlap_two_cameras").cameras)
    assert len({camera.node for camera in of("three_nodes").cameras}) == 3


def test_permitted_hours_occur_on_the_pavement_and_at_a_relief_point() -> None:
    for seed, purpose in ((2, ZonePurpose.PAVEMENT), (3, ZonePurpose.RELIEF_POINT)):
        scenario = build("permitted_hours", seed, "long")
        (zone,) = (zone for zone in scenario.zones if zone.permits)
        assert zone.purpose is purpose
        assert audit(scenario) == []
