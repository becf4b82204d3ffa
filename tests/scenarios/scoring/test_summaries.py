"""Summaries: apart by tier and system, with intervals a script can read."""

from __future__ import annotations

import json

import pytest

from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.report import System
from scenarios.scoring import ScenarioScore, score, summarise
from tests.scenarios.scoring.hand_made import CAR, GARBAGE, A, B, case, problem, report, said, truth


def half_found(tier: Tier = "detections", system: System = "kerbwatch", seed: int = 0) -> ScenarioScore:
    told = said("i", A)
    made = truth(problem("p", A), problem("q", B, category=GARBAGE), tier=tier, seed=seed)
    return score(made, report(case("c", told), incidents=[told], system=system))


def all_found(seed: int) -> ScenarioScore:
    told = said("i", A, end=990, ended_s=995)
    return score(truth(problem("p", A), seed=seed), report(case("c", told), incidents=[told]))


def test_tiers_and_systems_are_never_pooled() -> None:
    got = summarise([half_found("rendered"), half_found(), half_found(system="baseline"), half_found(seed=1)])
    assert [(one.tier, one.system, one.scenarios) for one in got] == [
        ("detections", "kerbwatch", 2),
        ("detections", "baseline", 1),
        ("rendered", "kerbwatch", 1),
    ]


def test_sums_over_scenarios_make_the_figures() -> None:
    (summary,) = summarise([half_found(), all_found(1), all_found(2)])
    assert (summary.overall.problems, summary.overall.found) == (4, 3)
    assert summary.overall.recall == 0.75
    assert summary.overall.recall_interval == pytest.approx((0.300642, 0.954413), abs=1e-5)
    assert summary.categories[GARBAGE].recall == 0
    assert summary.categories[CAR].recall == 1
    assert summary.overall.camera_days == pytest.approx(3 / 24)
    assert (summary.overall.dwell_error_s.median, summary.overall.dwell_error_s.worst) == (10, 10)
    assert summary.overall.dwell_error_s.median_interval == (10, 10)
    assert summary.overall.cases_per_problem_interval == (1, 1)


def test_every_category_has_its_object_and_no_data_is_null() -> None:
    (summary,) = summarise([half_found()])
    read = json.loads(summary.model_dump_json())
    assert set(read["categories"]) == {subject.value for subject in Subject}
    vendor = read["categories"]["street_vendor"]
    assert [vendor[name] for name in ("recall", "precision", "cases_per_problem", "recall_interval")] == [None] * 4
    assert read["overall"]["recall"] == 0.5
    assert len(read["overall"]["recall_interval"]) == 2


def test_a_score_survives_its_json() -> None:
    made = half_found()
    assert ScenarioScore.model_validate_json(made.model_dump_json()) == made


def test_no_scores_make_no_summary() -> None:
    assert summarise([]) == ()
