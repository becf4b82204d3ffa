"""Goals are reached only by figures that are good enough over enough trials, per category, by camera."""

from __future__ import annotations

import pytest

from scenarios.language.claims import Subject
from scenarios.scoring import Goal, GoalRow, ScenarioScore, State, all_reached, goal_rows, score
from scenarios.scoring.goals import DETECTED
from tests.scenarios.scoring.hand_made import (
    CAR,
    A,
    B,
    camera,
    case,
    problem,
    report,
    said,
    seen,
    truth,
)

LONG_S = 9 * 3600.0


def row_of(scores: list[ScenarioScore], name: str = "parked_vehicle") -> GoalRow:
    return next(row for row in goal_rows(scores) if row.row == name)


def goal(row: GoalRow, name: str) -> Goal:
    return next(one for one in row.goals if one.target.name == name)


def found(seed: int, *, tier: str = "detections") -> ScenarioScore:
    told = said("i", A, end=995, ended_s=1000)
    made = truth(problem("p", A), seed=seed, name=f"found-{seed}").model_copy(update={"tier": tier})
    return score(made, report(case("c", told), incidents=[told]))


def empty(seed: int, false: int = 0, hours: float = 1.0) -> ScenarioScore:
    told = [said(f"x{n}", B, 100 + 200 * n, 200 + 200 * n) for n in range(false)]
    made = truth(seed=seed, name=f"empty-{seed}", duration_s=hours * 3600)
    return score(made, report(*(case(f"c{n}", one) for n, one in enumerate(told)), incidents=told))


def test_a_perfect_figure_over_too_few_problems_reaches_nothing() -> None:
    few = row_of([found(seed) for seed in range(299)])
    assert (goal(few, "recall").figure, goal(few, "recall").state) == (1.0, State.TOO_FEW)
    enough = row_of([found(seed) for seed in range(300)])
    assert {goal(enough, name).state for name in ("recall", "precision", "incidents_per_problem")} == {
        State.REACHED
    }


def test_composed_pictures_need_fifty_problems_and_have_no_limit_for_false_incidents() -> None:
    row = row_of([found(seed, tier="composed") for seed in range(50)])
    assert goal(row, "recall").state is State.REACHED
    assert goal(row, "false_incidents_per_camera_day").state is State.REPORTED


def test_many_problems_of_one_category_do_not_make_up_for_none_of_another() -> None:
    overall = row_of([found(seed) for seed in range(300)], "overall")
    assert (overall.problems, goal(overall, "recall").state) == (300, State.TOO_FEW)


def test_a_second_incident_by_the_same_camera_costs_and_one_by_another_does_not() -> None:
    views = [seen(A, 100, 1000), seen(B, 100, 1000, at="other")]
    told = [said("i", A, 100, 400), said("j", B, camera="other")]
    made = truth(problem("p", views=views), cameras=[camera(), camera("other")])
    once = row_of([score(made, report(case("c", *told), incidents=told))])
    assert goal(once, "incidents_per_problem").figure == 1
    told.append(said("k", A, 600, 1000))
    twice = row_of([score(made, report(case("c", *told), incidents=told))])
    assert goal(twice, "incidents_per_problem").figure == 1.5
    assert goal(twice, "incidents_per_problem").state is State.MISSED


def test_false_incidents_count_by_the_hours_in_which_nothing_was_a_problem() -> None:
    scores = [empty(0, false=2, hours=600), empty(1, hours=600), found(2)]
    rate = goal(row_of(scores), "false_incidents_per_camera_day")
    assert rate.trials == 1200
    assert rate.figure == pytest.approx(2 / 50)
    assert rate.state is State.REACHED
    assert rate.interval == pytest.approx((0.0048, 0.1445), abs=1e-4)  # Garwood's of 2 in 50 days
    few = goal(row_of([empty(0, hours=999)]), "false_incidents_per_camera_day")
    assert (few.figure, few.state) == (0, State.TOO_FEW)
    bad = goal(row_of([empty(0, false=9, hours=1000)]), "false_incidents_per_camera_day")
    assert bad.state is State.MISSED


def test_one_problem_closed_while_blind_misses_the_goal() -> None:
    dark = truth(problem("p", A), cameras=[camera(blind=[(400, 700)])])
    told = said("i", A, 100, 400, ended_s=500)
    closed = goal(row_of([score(dark, report(case("c", told), incidents=[told]))]), "wrongly_closed_while_blind")
    assert (closed.figure, closed.state) == (1, State.MISSED)
    kept = goal(row_of([found(0)]), "wrongly_closed_while_blind")
    assert (kept.figure, kept.state) == (0, State.REACHED)


def long_stay(seed: int, said_to: float) -> ScenarioScore:
    told = said("i", A, 100, said_to, ended_s=said_to + 5)
    made = truth(problem("p", A, 100, LONG_S), seed=seed, name=f"long-{seed}", duration_s=LONG_S + 600)
    return score(made, report(case("c", told), incidents=[told]))


def test_the_dwell_of_eight_hours_is_held_against_two_seconds_and_one_look() -> None:
    scores = [long_stay(seed, LONG_S - 3) for seed in range(19)] + [long_stay(19, LONG_S - 4)]
    row = row_of([*scores, found(20)])
    within = goal(row, "dwell_within_2s_and_a_look")
    assert (within.trials, within.figure, within.state) == (20, 0.95, State.REACHED)
    assert (row.dwell_p50_s, row.dwell_p95_s, row.dwell_worst_s) == (3, 3, 4)
    shorter = row_of([found(seed) for seed in range(20)])
    assert goal(shorter, "dwell_within_2s_and_a_look").state is State.TOO_FEW


def test_sensors_and_markets_are_no_part_of_detections_goals() -> None:
    told = said("i", A, category=CAR)
    alarm = problem("s", A).model_copy(update={"category": Subject.SENSOR_ALARM})
    made = score(truth(alarm), report(case("c", told), incidents=[told]))
    assert [row.row for row in goal_rows([made])] == ["overall", *DETECTED]
    assert row_of([made], "overall").problems == 0


def test_no_goals_without_scores_nor_for_recordings() -> None:
    assert goal_rows([]) == ()
    assert goal_rows([found(0, tier="real")]) == ()


def test_all_is_reached_only_when_nothing_is_missed_or_small() -> None:
    scores = [empty(900, hours=1000)]
    for subject in DETECTED:
        for seed in range(300):
            told = said("i", A, end=995, ended_s=1000, category=subject)
            made = truth(problem("p", A, category=subject), seed=seed, name=f"{subject}-{seed}")
            scores.append(score(made, report(case("c", told), incidents=[told])))
    assert not all_reached(goal_rows(scores)), "nobody stayed for eight hours"
    for subject in DETECTED:
        for seed in range(10):
            told = said("i", A, 100, LONG_S - 1, ended_s=LONG_S + 5, category=subject)
            stays = problem("p", A, 100, LONG_S, category=subject)
            made = truth(stays, seed=seed, name=f"{subject}-long-{seed}", duration_s=LONG_S + 600)
            scores.append(score(made, report(case("c", told), incidents=[told])))
    assert all_reached(goal_rows(scores))
