"""What becomes of problems and cases in outcomes made by hand."""

from __future__ import annotations

import pytest

from scenarios.language.claims import Innocence, Subject
from scenarios.report import Report, SaidBox
from scenarios.scoring import Outcome, ScenarioScore, score, summarise
from scenarios.scoring.figures import Figures
from scenarios.truth import TrueDecoy, TrueProblem, Truth
from tests.scenarios.scoring.hand_made import (
    CAR,
    GARBAGE,
    VENDOR,
    A,
    B,
    C,
    D,
    camera,
    case,
    case_of,
    decoy,
    outcomes,
    problem,
    problem_of,
    report,
    said,
    seen,
    truth,
)


def figures(made: Truth, told: Report) -> Figures:
    return summarise([score(made, told)])[0].overall


def test_a_perfect_report_finds_all_and_invents_nothing() -> None:
    cars = truth(problem("p", A), problem("q", B))
    told = [said("i", A, ended_s=1003), said("j", B, ended_s=1003)]
    got = figures(cars, report(case("c", told[0]), case("d", told[1]), incidents=told))
    assert (got.problems, got.found, got.cases, got.false_cases) == (2, 2, 2, 0)
    assert (got.recall, got.precision, got.cases_per_problem, got.incidents_per_problem) == (1, 1, 1, 1)
    assert (got.time_to_case_s.median, got.lateness_s.p95, got.dwell_error_s.worst) == (30, 0, 0)
    assert (got.early, got.late, got.merged, got.split_stays) == (0, 0, 0, 0)
    assert got.false_cases_per_camera_day == 0
    assert (got.bcubed_precision, got.bcubed_recall) == (1, 1)
    assert got.pairwise_precision is None  # no two incidents share a case or a problem


def test_a_doubled_case_lowers_no_precision_and_raises_cases_per_problem() -> None:
    told = [said("i", A), said("j", A)]
    got = figures(truth(problem("p")), report(case("c", told[0]), case("d", told[1]), incidents=told))
    assert (got.recall, got.precision, got.cases_per_problem, got.incidents_per_problem) == (1, 1, 2, 2)
    assert (got.pairwise_precision, got.pairwise_recall) == (None, 0)
    assert (got.bcubed_precision, got.bcubed_recall) == (1, 0.5)
    assert got.split_stays == 1


def test_a_missed_problem_is_counted_and_leaves_the_others_alone() -> None:
    told = said("i", A)
    got = score(truth(problem("p", A), problem("q", B)), report(case("c", told), incidents=[told]))
    assert outcomes(got) == {"p": Outcome.FOUND, "q": Outcome.MISSED}
    assert summarise([got])[0].overall.recall == 0.5
    assert summarise([got])[0].overall.precision == 1


def merged() -> ScenarioScore:
    """Two incidents of p and one of q in one case."""
    told = [said("i", A), said("j", A, begin=500), said("k", B)]
    return score(truth(problem("p", A), problem("q", B)), report(case("c", *told), incidents=told))


def test_a_merged_case_belongs_to_the_problem_most_of_its_incidents_show() -> None:
    got = merged()
    assert outcomes(got) == {"p": Outcome.FOUND, "q": Outcome.MERGED}
    assert case_of(got, "c").problem == "p"
    assert problem_of(got, "q").shared_cases == ("c",)


def test_a_merged_case_leaves_one_problem_missed_and_mixes_the_grouping() -> None:
    got = summarise([merged()])[0].overall
    assert (got.recall, got.precision, got.cases_per_problem, got.merged) == (0.5, 1, 1, 1)
    assert got.pairwise_precision == pytest.approx(1 / 3)
    assert got.pairwise_recall == 1
    # p's two incidents: 2/3 of their case is p; q's: 1/3.
    assert got.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)
    assert got.bcubed_recall == 1


def test_a_case_with_as_many_incidents_of_each_belongs_to_the_one_told_first() -> None:
    told = [said("z", A, begin=100), said("a", B, begin=101)]
    cars = truth(problem("p", A), problem("b", B))
    assert case_of(score(cars, report(case("c", *told), incidents=told)), "c").problem == "p"


def test_an_incident_of_a_found_problem_in_anothers_case_raises_its_cases() -> None:
    told = [said("i", A), said("j", A, begin=500), said("k", B), said("l", B, begin=500)]
    cases = [case("c", told[0], told[1], told[2]), case("d", told[3])]
    got = figures(truth(problem("p", A), problem("q", B)), report(*cases, incidents=told))
    assert (got.recall, got.cases_per_problem) == (1, 1.5)  # p: c; q: d and c


def test_a_split_stay_in_one_case_is_one_case_and_its_longest_incident_gives_the_dwell_error() -> None:
    told = [said("i", A, 100, 400, ended_s=405), said("j", A, 500, 1000, ended_s=1003)]
    got = score(truth(problem("p")), report(case("c", *told), incidents=told))
    one = problem_of(got, "p")
    assert (one.split_stay, one.dwell_error_s) == (True, 400)  # said 500 s, stood 900 s
    assert summarise([got])[0].overall.cases_per_problem == 1


def test_one_incident_of_each_of_two_cameras_is_no_split_stay_and_one_incident_per_problem() -> None:
    views = [seen(A, 100, 1000), seen(B, 100, 1000, at="other")]
    told = [said("i", A), said("j", B, camera="other")]
    made = truth(problem("p", views=views), cameras=[camera(), camera("other")])
    got = score(made, report(case("c", *told), incidents=told))
    assert not problem_of(got, "p").split_stay
    assert problem_of(got, "p").cameras == ("cam", "other")
    assert summarise([got])[0].overall.incidents_per_problem == 1


def test_incidents_per_problem_are_counted_per_camera_that_told_it() -> None:
    views = [seen(A, 100, 1000), seen(B, 100, 1000, at="other")]
    told = [said("i", A, 100, 400), said("j", A, 500, 1000), said("k", B, camera="other"), said("l", C)]
    made = truth(problem("p", views=views), problem("q", C), problem("r", D), cameras=[camera(), camera("other")])
    got = figures(made, report(case("c", *told[:3]), case("d", told[3]), incidents=told))
    assert got.incidents_per_problem == pytest.approx(4 / 3)  # of p two by one camera, one by the other; of q one
    assert (got.shown, got.incident_precision) == (2, 1)
    assert got.incident_recall == pytest.approx(2 / 3)


def test_false_incidents_are_rated_beside_false_cases() -> None:
    told = [said("i", A), said("x", B, 100, 200), said("y", B, 400, 600)]
    got = figures(truth(problem("p")), report(case("c", told[0]), case("d", *told[1:]), incidents=told))
    assert got.incident_precision == pytest.approx(1 / 3)
    assert got.precision == 0.5
    assert got.false_incidents_per_camera_day == pytest.approx(48)  # two in an hour
    assert got.false_cases_per_camera_day == pytest.approx(24)


def test_a_stay_is_what_was_observed_and_bridged_together() -> None:
    told = said("i", A, 100, 1000, ended_s=1005, observed_s=700.0, bridged_s=150.0)
    got = problem_of(score(truth(problem("p")), report(case("c", told), incidents=[told])), "p")
    assert (got.stay_s, got.dwell_error_s) == (900, 50)


def test_one_incident_that_follows_a_vendor_to_the_next_place_is_held_against_both() -> None:
    boxes = (SaidBox(at_s=110, box=A), SaidBox(at_s=600, box=B))
    told = said("i", A, 100, 995, category=VENDOR, ended_s=1000, boxes=boxes)
    got = score(truth(moved()), report(case("c", told), incidents=[told]))
    assert (problem_of(got, "v").stay_s, problem_of(got, "v").dwell_error_s) == (900, 5)


@pytest.mark.parametrize(
    ("created_s", "outcome"),
    [
        (128.0, Outcome.EARLY),  # due at 130 s, one look of 1 s is free
        (129.0, Outcome.FOUND),
        (160.0, Outcome.FOUND),  # as long again as the dwell of 30 s
        (161.0, Outcome.LATE),
    ],
)
def test_early_and_late_are_measured_against_the_moment_the_dwell_has_passed(
    created_s: float, outcome: Outcome
) -> None:
    told = said("i", A)
    got = score(truth(problem("p")), report(case("c", told, created_s=created_s), incidents=[told]))
    assert outcomes(got) == {"p": outcome}
    assert problem_of(got, "p").lateness_s == created_s - 130
    assert summarise([got])[0].overall.recall == 1


def test_a_long_dwell_is_late_after_a_minute() -> None:
    car = problem("p", begin=0).model_copy(update={"dwell_s": 600.0})
    told = said("i", A, begin=0)
    late = score(truth(car), report(case("c", told, created_s=661), incidents=[told]))
    assert outcomes(late) == {"p": Outcome.LATE}


def test_the_first_of_several_cases_gives_the_time_to_case() -> None:
    told = [said("i", A), said("j", A, begin=500)]
    cases = [case("d", told[1]), case("c", told[0])]
    assert problem_of(score(truth(problem("p")), report(*cases, incidents=told)), "p").time_to_case_s == 30


def test_a_wrong_category_finds_nothing_and_is_named_so() -> None:
    told = said("i", A, category=GARBAGE)
    got = score(truth(problem("p")), report(case("c", told), incidents=[told]))
    assert outcomes(got) == {"p": Outcome.MISSED}
    assert (case_of(got, "c").explanation, case_of(got, "c").explained_by) == ("wrong_category", "p")
    assert got.categories[GARBAGE].false_cases == 1
    assert got.categories[CAR].cases == 0


def test_a_false_case_on_a_decoy_is_explained_by_it() -> None:
    told = said("i", C)
    made = truth(problem("p"), decoys=[decoy("d", C, Innocence.INSIDE_BAY)])
    got = score(made, report(case("c", told), incidents=[told]))
    assert (case_of(got, "c").explanation, case_of(got, "c").explained_by) == ("inside_bay", "d")
    assert summarise([got])[0].overall.precision == 0


def test_a_decoy_without_boxes_explains_by_category_and_time() -> None:
    queue = TrueDecoy(id="q", why=Innocence.QUEUE_AT_LIGHT, category=CAR, start_s=200.0, end_s=300.0)
    told = [said("i", C, 210, 250), said("j", C, 400, 450)]
    cases = [case("c", told[0]), case("d", told[1])]
    got = score(truth(decoys=[queue]), report(*cases, incidents=told))
    assert [case_of(got, name).explanation for name in "cd"] == ["queue_at_light", "unexplained"]


def test_a_false_case_without_incidents_or_cause_says_so() -> None:
    told = said("i", D)
    got = score(truth(problem("p")), report(case("c"), case("d", told), incidents=[told]))
    assert (case_of(got, "c").explanation, case_of(got, "d").explanation) == ("no_incident", "unexplained")
    # Two false cases in one camera-hour.
    assert summarise([got])[0].overall.false_cases_per_camera_day == pytest.approx(48)


def test_a_replaced_car_is_another_problem() -> None:
    cars = truth(problem("p", A, 100, 500), problem("q", A, 510, 1000))
    told = [said("i", A, 100, 500), said("j", A, 510, 1000)]
    both = score(cars, report(case("c", told[0]), case("d", told[1]), incidents=told))
    assert outcomes(both) == {"p": Outcome.FOUND, "q": Outcome.FOUND}
    through = said("i", A, 100, 1000, boxes=(SaidBox(at_s=100, box=A), SaidBox(at_s=1000, box=A)))
    one = score(cars, report(case("c", through), incidents=[through]))
    # The incident shares 400 s with p and 490 s with q: it shows q, and its case came 410 s before q's dwell.
    assert outcomes(one) == {"p": Outcome.MISSED, "q": Outcome.EARLY}
    assert problem_of(one, "q").lateness_s == 130 - 540


def moved() -> TrueProblem:
    return problem("v", category=VENDOR, views=[seen(A, 100, 500), seen(B, 510, 1000)])


def test_a_moved_vendor_stays_one_problem() -> None:
    told = [said("i", A, 100, 500, category=VENDOR), said("j", B, 510, 990, category=VENDOR, ended_s=995)]
    got = score(truth(moved()), report(case("c", *told), incidents=told))
    assert outcomes(got) == {"v": Outcome.FOUND}
    assert problem_of(got, "v").dwell_error_s == 10  # the longer stay: said 480 s, stood there 490 s
    doubled = score(truth(moved()), report(case("c", told[0]), case("d", told[1]), incidents=told))
    assert problem_of(doubled, "v").cases == ("c", "d")


def test_a_stay_nobody_told_ended_has_no_error_yet() -> None:
    told = said("i", A, 104, 400)
    got = score(truth(problem("p")), report(case("c", told), incidents=[told]))
    assert problem_of(got, "p").dwell_error_s is None


def test_an_incident_where_the_vendor_no_longer_stands_is_false() -> None:
    told = said("i", A, 600, 700, category=VENDOR)
    got = score(truth(moved()), report(case("c", told), incidents=[told]))
    assert outcomes(got) == {"v": Outcome.MISSED}


def test_a_later_box_can_show_the_place() -> None:
    told = said("i", D, boxes=(SaidBox(at_s=100, box=D), SaidBox(at_s=200, box=A)))
    assert outcomes(score(truth(problem("p")), report(case("c", told), incidents=[told])))["p"] is Outcome.FOUND


@pytest.mark.parametrize(("first_seen_s", "finds"), [(1003.0, True), (1003.5, False)])
def test_the_tolerance_in_time_is_three_seconds_at_least(first_seen_s: float, finds: bool) -> None:
    told = said("i", A, first_seen_s, first_seen_s + 60)
    got = score(truth(problem("p")), report(case("c", told), incidents=[told]))
    assert (case_of(got, "c").problem == "p") is finds


def test_boxes_agree_from_three_tenths_on() -> None:
    # Shifted by half its width: 1/3 of the union; by 0.6 of it: 1/4.
    near, far = said("i", (0.15, 0.1, 0.25, 0.2)), said("j", (0.16, 0.1, 0.26, 0.2))
    got = score(truth(problem("p")), report(case("c", near), case("d", far), incidents=[near, far]))
    assert (case_of(got, "c").problem, case_of(got, "d").problem) == ("p", None)


@pytest.mark.parametrize("names", [("a", "z"), ("z", "a")])
def test_of_two_problems_that_fit_alike_the_earlier_is_shown_whatever_its_name(names: tuple[str, str]) -> None:
    earlier, later = names
    told = said("i", A, 300, 400)
    cars = truth(problem(later, A, 200, 1000), problem(earlier, A, 100, 1000))
    assert case_of(score(cars, report(case("c", told), incidents=[told])), "c").problem == earlier


def test_a_muted_incident_finds_nothing() -> None:
    got = score(truth(problem("p")), report(incidents=[said("i", A)]))
    assert outcomes(got) == {"p": Outcome.MISSED}
    assert problem_of(got, "p").incidents == ("i",)


def test_an_empty_report_scores_no_precision_rather_than_none_or_all() -> None:
    got = figures(truth(problem("p")), report())
    assert (got.recall, got.precision, got.cases_per_problem) == (0, None, None)
    assert (got.time_to_case_s.median, got.time_to_case_s.count, got.wrongly_closed) == (None, 0, None)
    assert (got.bcubed_precision, got.raised_while_blind) == (None, None)


def test_an_empty_truth_scores_no_recall_and_counts_what_is_false() -> None:
    told = said("i", A)
    got = figures(truth(), report(case("c", told), incidents=[told]))
    assert (got.recall, got.precision, got.false_cases) == (None, 0, 1)
    assert figures(truth(), report()).precision is None


def alarm(name: str, begin: float, end: float) -> TrueProblem:
    return TrueProblem(id=name, category=Subject.SENSOR_ALARM, sensor="pm", start_s=begin, end_s=end, dwell_s=60.0)


def test_a_sensors_case_finds_the_alarm_of_that_sensor_that_was_due() -> None:
    peak = TrueDecoy(
        id="d", why=Innocence.SHORT_EXCESS, category=Subject.SENSOR_ALARM, sensor="din", start_s=50.0, end_s=60.0
    )
    made = truth(alarm("p", 100, 400), alarm("q", 500, 900), decoys=[peak])
    alarms = [
        case("c", category=Subject.SENSOR_ALARM, sensor="pm", created_s=180),
        case("d", category=Subject.SENSOR_ALARM, sensor="pm", created_s=570),
        case("e", category=Subject.SENSOR_ALARM, sensor="din", created_s=70),
        case("f", category=Subject.SENSOR_ALARM, sensor="bin", created_s=180),
    ]
    got = score(made, report(*alarms))
    assert outcomes(got) == {"p": Outcome.FOUND, "q": Outcome.FOUND}
    assert [case_of(got, name).problem for name in "cdef"] == ["p", "q", None, None]
    assert [case_of(got, name).explanation for name in "ef"] == ["short_excess", "unexplained"]
    overall = summarise([got])[0].overall
    assert (overall.false_cases, overall.false_cases_per_camera_day) == (2, 0)
    assert overall.incidents_per_problem is None


def test_a_report_that_contradicts_itself_or_the_truth_is_refused() -> None:
    told = said("i", A, case="gone")
    with pytest.raises(ValueError, match="its case gone is not in the report"):
        score(truth(problem("p")), report(incidents=[told]))
    told = said("i", A, case="c")
    with pytest.raises(ValueError, match="case d lists incident i, whose case is c"):
        score(truth(problem("p")), report(case("c", told), case("d", told), incidents=[told]))
    with pytest.raises(ValueError, match="names cameras"):
        score(truth(problem("p")), report(incidents=[said("i", A, camera="other")]))
