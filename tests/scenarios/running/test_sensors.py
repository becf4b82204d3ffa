"""Sensor families are found: by the rules in process, and through a node, a broker and a centre."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.errors.profile import load_profile
from scenarios.families import build
from scenarios.language.claims import Subject
from scenarios.language.scenario import Scenario
from scenarios.makers.pictures import make_pictures
from scenarios.running.full_path import FullPath
from scenarios.running.in_process import run_in_process
from scenarios.scoring import score
from scenarios.scoring.scores import Outcome, ScenarioScore

FAMILIES = ("pm_episode", "noise_night", "bin_fills", "water_rises")
FOUND = {Outcome.FOUND, Outcome.EARLY, Outcome.LATE}


def assert_found(judged: ScenarioScore) -> None:
    (problem,) = judged.problems
    assert problem.category is Subject.SENSOR_ALARM
    assert problem.outcome in FOUND
    assert [case.problem for case in judged.cases] == [problem.id]
    assert judged.incidents == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_in_process_the_alarm_is_one_case_and_the_short_excess_none(family: str) -> None:
    scenario = build(family, 1, "long")
    outcome = run_in_process(scenario, load_profile())
    assert_found(score(outcome.truth, outcome.report))
    again = run_in_process(scenario, load_profile())
    assert again.report.model_copy(update={"wall_s": 0.0}) == outcome.report.model_copy(update={"wall_s": 0.0})


@pytest.mark.slow
def test_through_the_whole_system_it_is_the_same_case(tmp_path: Path) -> None:
    made = build("water_rises", 1, "long")
    scenario = Scenario.model_validate(made.model_dump(by_alias=True) | {"tiers": ["composed"]})
    folder = tmp_path / "made"
    truth = make_pictures(scenario, "composed", folder)
    with FullPath(tmp_path / "stack") as full_path:
        report = full_path.run(truth, folder, "water")
    judged = score(truth, report)
    assert_found(judged)
    in_process = run_in_process(made, load_profile())
    assert report.cases[0].created_s == pytest.approx(in_process.report.cases[0].created_s, abs=0.01)
    assert report.blind == in_process.report.blind
    assert report.counters["sensor_readings"] == len((folder / "sensor-1.csv").read_text().splitlines()) - 1
