"""Stays told as over, and what happens while a camera cannot look, in outcomes made by hand."""

from __future__ import annotations

import pytest

from ingest.taxonomy import ZonePurpose
from ingest.zones import Zone
from scenarios.language.base import Box
from scenarios.report import SaidBlind
from scenarios.scoring import ScenarioScore, score, summarise
from scenarios.truth import BlindSpan, TruthCamera, TruthZone
from tests.scenarios.scoring.hand_made import A, B, camera, case, problem, report, said, seen, truth

COVERED = camera(blind=[(300, 500)])


def closed(ended_s: float, *, blind: bool = False) -> ScenarioScore:
    """A car from 100 s to 1000 s, told as over at some moment."""
    made = truth(problem("p"), cameras=[COVERED if blind else camera()])
    told = said("i", A, end=ended_s, ended_s=ended_s)
    return score(made, report(case("c", told), incidents=[told]))


@pytest.mark.parametrize(("ended_s", "wrong"), [(996.0, 1), (997.0, 0), (1200.0, 0)])
def test_an_end_told_while_the_problem_stands_on_is_wrong_beyond_the_tolerance(ended_s: float, wrong: int) -> None:
    assert summarise([closed(ended_s)])[0].overall.wrongly_closed == wrong


@pytest.mark.parametrize(("ended_s", "blind"), [(300.5, 0), (302.0, 1), (498.0, 1), (500.0, 0)])
def test_a_wrong_end_counts_as_blind_inside_the_span_but_for_one_look(ended_s: float, blind: int) -> None:
    got = summarise([closed(ended_s, blind=True)])[0].overall
    assert (got.wrongly_closed, got.closed_while_blind) == (1, blind)


def test_a_moved_vendors_first_place_is_rightly_told_as_over() -> None:
    moved = problem("v", views=[seen(A, 100, 500), seen(B, 510, 1000)])
    told = said("i", A, end=500, ended_s=520)
    got = score(truth(moved), report(case("c", told), incidents=[told]))
    assert (got.overall.ended, got.overall.wrongly_closed) == (1, 0)


def test_ends_of_false_incidents_are_not_counted() -> None:
    told = said("i", B, end=400, ended_s=400)
    got = score(truth(problem("p")), report(case("c", told), incidents=[told]))
    assert (got.overall.ended, summarise([got])[0].overall.wrongly_closed) == (0, None)


@pytest.mark.parametrize(("raised_s", "blind"), [(300.5, 0), (302.0, 1), (499.5, 0), (600.0, 0)])
def test_nothing_may_be_raised_while_blind_but_for_one_look(raised_s: float, blind: int) -> None:
    told = [said("i", A, raised_s=raised_s), said("j", A, raised_s=130)]
    got = score(truth(problem("p"), cameras=[COVERED]), report(case("c", *told), incidents=told))
    assert summarise([got])[0].overall.raised_while_blind == blind / 2


def test_another_cameras_blindness_does_not_matter() -> None:
    made = truth(problem("p"), cameras=[camera(), camera("other", blind=[(300, 500)])])
    told = said("i", A, raised_s=400)
    assert score(made, report(case("c", told), incidents=[told])).overall.raised_while_blind == 0


def blindness(begin: float, told_s: float, end: float | None = None, reason: str = "dark") -> SaidBlind:
    return SaidBlind(camera="cam", zone="kerb", from_s=begin, told_s=told_s, to_s=end, reason=reason)


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ([blindness(305, 360, 500)], 1),
        ([blindness(305, 361, 500)], 0),  # a minute is allowed
        ([blindness(100, 120, 200)], 0),  # another time
        ([blindness(310, 400), blindness(305, 330, 350)], 1),
        ([], 0),
    ],
)
def test_a_blind_span_must_be_told_within_a_minute(told: list[SaidBlind], share: float) -> None:
    got = summarise([score(truth(cameras=[COVERED]), report(blind=told))])[0].overall
    assert (got.blind_spans, got.blindness_told) == (1, share)


@pytest.mark.parametrize(("told_s", "share"), [(505, 1), (560, 1), (561, 0)])
def test_a_power_cut_must_be_told_within_a_minute_of_its_end(told_s: float, share: float) -> None:
    cut = COVERED.model_copy(update={"blind": (BlindSpan(from_s=300, to_s=500, why="power_cut"),)})
    got = summarise([score(truth(cameras=[cut]), report(blind=[blindness(300, told_s, told_s)]))])[0].overall
    assert got.blindness_told == share


def test_short_blind_spans_need_not_be_told() -> None:
    made = truth(cameras=[camera(blind=[(100, 120), (200, 221)])])
    assert [one.from_s for one in score(made, report()).blind] == [200]


def test_false_blindness_counts_seconds_outside_the_true_spans_once() -> None:
    # True: 300 to 500, 3 s free on either side. Said by two zones: 280 to 510, and 900 to 1000 twice over.
    said_blind = [blindness(280, 285, 510), blindness(900, 905, 980), blindness(950, 955, 1000)]
    got = score(truth(cameras=[COVERED]), report(blind=said_blind))
    assert got.false_blind_s == pytest.approx((297 - 280) + (510 - 503) + 100)
    assert summarise([got])[0].overall.false_blindness_s_per_camera_hour == pytest.approx(124)


def test_an_open_false_blindness_lasts_to_the_end_and_occlusion_is_not_judged() -> None:
    said_blind = [blindness(3500, 3505), blindness(0, 5, 100, reason="occluded")]
    assert score(truth(), report(blind=said_blind)).false_blind_s == 100


def test_blindness_is_a_figure_of_cameras_and_not_of_categories() -> None:
    (summary,) = summarise([score(truth(cameras=[COVERED]), report())])
    assert all(one.blind_spans is None and one.blindness_told is None for one in summary.categories.values())


# -- spans of some zones, and spans in which hardly anything can be seen ----------------------------

NEAR, FAR = (
    TruthZone(
        zone=Zone(
            name=name,
            purpose=ZonePurpose.NO_STOPPING,
            polygon=((x, 0.0), (x + 0.25, 0.0), (x + 0.25, 1.0), (x, 1.0)),
        )
    )
    for name, x in (("near", 0.0), ("far", 0.25))
)
"""A lies in the first, B in the second."""


def _at_zones(*zones: str, certain: bool = True) -> TruthCamera:
    span = BlindSpan(from_s=300, to_s=500, why="askew", zones=zones, certain=certain)
    return camera().model_copy(update={"blind": (span,), "zones": (NEAR, FAR)})


def _said(zone: str, begin: float, told_s: float, end: float = 500) -> SaidBlind:
    return SaidBlind(camera="cam", zone=zone, from_s=begin, told_s=told_s, to_s=end, reason="camera_moved")


@pytest.mark.parametrize(
    ("said_blind", "share"),
    [
        ([_said("near", 301, 320), _said("far", 301, 340)], 1),
        ([_said("near", 301, 320), _said("far", 301, 361)], 0),
        ([_said("near", 301, 320)], 0),
        ([_said("other", 301, 320)], 0),
    ],
)
def test_of_a_span_of_zones_each_must_be_told(said_blind: list[SaidBlind], share: float) -> None:
    got = summarise([score(truth(cameras=[_at_zones("near", "far")]), report(blind=said_blind))])[0].overall
    assert (got.blind_spans, got.blindness_told) == (1, share)


def test_another_zones_blindness_frees_no_lie_about_this_one() -> None:
    made = truth(cameras=[_at_zones("near")])
    assert score(made, report(blind=[_said("near", 310, 330)])).false_blind_s == 0
    assert score(made, report(blind=[_said("far", 310, 330)])).false_blind_s == 190


def test_where_hardly_anything_can_be_seen_both_are_right() -> None:
    made = truth(problem("p"), cameras=[_at_zones("near", certain=False)])
    told = said("i", A, raised_s=400)
    silent = score(made, report(case("c", told), incidents=[told]))
    assert (silent.blind, silent.overall.raised_while_blind) == ((), 0)
    assert score(made, report(blind=[_said("near", 310, 330)])).false_blind_s == 0


@pytest.mark.parametrize(("box", "raised_blind"), [(A, 1), (B, 0)])
def test_what_is_raised_counts_as_blind_in_a_blind_zone_alone(box: Box, raised_blind: int) -> None:
    told = said("i", box, raised_s=400)
    got = score(truth(problem("p", box), cameras=[_at_zones("near")]), report(case("c", told), incidents=[told]))
    assert got.overall.raised_while_blind == raised_blind
