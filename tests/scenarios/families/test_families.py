"""Every family makes true, repeatable, different scenarios that a camera can see."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.intervals import without
from scenarios.families import FAMILIES, SEED_LIMIT, TUNING_SEEDS, Profile, build
from scenarios.language.claims import Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.files import load_scenario, save_scenario
from scenarios.language.scenario import Scenario
from scenarios.world.audit import audit
from scenarios.world.blind import blind_spans
from scenarios.world.spans import longest

SHORT_SEEDS, LONG_SEEDS = (0, 3, 7), (1, 5)


def cases() -> list[tuple[str, Profile]]:
    return [(name, profile) for name, family in FAMILIES.items() for profile in family.profiles]


def seeds(profile: Profile) -> tuple[int, ...]:
    return SHORT_SEEDS if profile == "short" else LONG_SEEDS


@pytest.mark.parametrize(("name", "profile"), cases())
def test_what_a_family_claims_is_true(name: str, profile: Profile) -> None:
    for seed in seeds(profile):
        assert audit(build(name, seed, profile)) == []


@pytest.mark.parametrize(("name", "profile"), cases())
def test_a_scenario_survives_its_file(name: str, profile: Profile, tmp_path: Path) -> None:
    scenario = build(name, 11, profile)
    assert load_scenario(save_scenario(scenario, tmp_path)) == scenario


@pytest.mark.parametrize(("name", "profile"), cases())
def test_a_seed_gives_one_scenario_and_another_seed_another(name: str, profile: Profile) -> None:
    one, two = build(name, 4, profile), build(name, 5, profile)
    assert build(name, 4, profile) == one
    assert story(one) != story(two)


def story(scenario: Scenario) -> dict[str, object]:
    return scenario.model_dump(exclude={"name", "seed", "starts_at"})


@pytest.mark.parametrize(("name", "profile"), cases())
def test_names_durations_and_tiers_follow_the_profile(name: str, profile: Profile) -> None:
    for seed in seeds(profile):
        scenario = build(name, seed, profile)
        assert scenario.name == f"{name}-{profile}-{seed}"
        assert (scenario.family, scenario.seed) == (name, seed)
        assert set(scenario.tiers) <= set(FAMILIES[name].tiers)
        if profile == "short":
            assert 55 <= scenario.duration_s <= 150
        else:
            assert 1200 <= scenario.duration_s <= 12.1 * 3600
            assert "rendered" not in scenario.tiers


@pytest.mark.parametrize(("name", "profile"), cases())
def test_a_problem_stays_clearly_longer_than_its_dwell(name: str, profile: Profile) -> None:
    for seed in seeds(profile):
        scenario = build(name, seed, profile)
        for problem in scenario.problems:
            if problem.category is Subject.SENSOR_ALARM:
                continue
            end = scenario.duration_s if problem.end_s is None else problem.end_s
            dwell = scenario.dwell_of(problem)
            assert dwell is not None
            assert watched_s(scenario, problem.zone, problem.start_s, end) >= dwell * 1.3 + 5, problem.id


def watched_s(scenario: Scenario, zone: str | None, begin: float, end: float) -> float:
    """Seconds of the longest stretch in which every camera can look at the zone."""
    blind = [
        (span.from_s, span.to_s)
        for camera in scenario.cameras
        for span in blind_spans(scenario, camera)
        if span.certain and (zone is None or span.about(zone))
    ]
    return longest(without([(begin, end)], blind))


@pytest.mark.parametrize("profile", ["short", "long"])
@pytest.mark.parametrize(("name", "least"), [("turned_away", 12), ("out_of_focus", 6)])
def test_a_camera_turned_away_or_out_of_focus_cannot_look_where_its_problem_is(
    name: str, least: int, profile: Profile
) -> None:
    """Out of focus, what stands right before the camera may still be recognised."""
    certain = 0
    for seed in range(12):
        scenario = build(name, seed, profile)
        (fault,) = (c for c in scenario.conditions if c.kind in (ConditionKind.DEFOCUS, ConditionKind.ASKEW))
        spans = blind_spans(scenario, scenario.cameras[0])
        zones = {problem.zone for problem in scenario.problems if problem.zone}
        assert all(any(span.about(zone) for span in spans) for zone in zones)
        assert all(fault.from_s <= span.from_s < span.to_s <= (fault.to_s or 0) for span in spans)
        certain += all(any(span.certain and span.about(zone) for span in spans) for zone in zones)
    assert certain >= least


@pytest.mark.parametrize(("name", "profile"), cases())
def test_the_cameras_hang_as_street_cameras_do(name: str, profile: Profile) -> None:
    for camera in build(name, 2, profile).cameras:
        assert 5 <= camera.height <= 9
        assert 15 <= camera.tilt_deg <= 35
        assert 50 <= camera.field_of_view_deg <= 75
        assert abs(camera.heading_deg) <= 50


def test_there_are_more_than_forty_families_with_distinct_summaries() -> None:
    assert len(FAMILIES) >= 50
    assert len({family.summary for family in FAMILIES.values()}) == len(FAMILIES)
    assert all(family.name == name and family.tiers and family.profiles for name, family in FAMILIES.items())


def test_seeds_outside_those_for_scenarios_are_refused() -> None:
    assert max(TUNING_SEEDS) == 999
    assert build("empty_street", SEED_LIMIT - 1, "short").seed == SEED_LIMIT - 1
    for seed in (-1, SEED_LIMIT):
        with pytest.raises(ValueError, match=r"larger ones make training data"):
            build("empty_street", seed, "short")


def test_an_unknown_family_and_a_profile_it_lacks_are_named() -> None:
    with pytest.raises(ValueError, match="'flood' is none of"):
        build("flood", 1, "short")
    with pytest.raises(ValueError, match="has no profile 'short'; it has long"):
        build("long_stay", 1, "short")
