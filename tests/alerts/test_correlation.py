"""Which case an incident belongs to, and the reason given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.correlation import Candidate, CorrelationPolicy, CorrelationReason, Sighting, correlate
from alerts.geometry import ground_distance_m, overlap, similarity
from alerts.lifecycle import CaseState
from ingest.messages import Position
from ingest.taxonomy import Category
from tests.alerts.reports import START, at, name_id

POLICY = CorrelationPolicy()
BOX = (0.2, 0.2, 0.4, 0.4)
NEARLY = (0.22, 0.2, 0.42, 0.4)
ELSEWHERE = (0.7, 0.7, 0.9, 0.9)
CASE = name_id("case")


def sighting(name: str, begin: float = 0, end: float = 100, **more: object) -> Sighting:
    fields: dict[str, object] = {
        "camera": "s/n/north",
        "place_id": name_id(f"place of {name}"),
        "category": Category.PARKED_VEHICLE,
        "box": BOX,
        "ended": True,
        "appearance": (1.0, 0.0),
        "position": None,
        **more,
    }
    return Sighting(incident_id=name_id(name), first_seen=at(begin), last_seen=at(end), **fields)  # type: ignore[arg-type]


def position(metres_north: float, uncertainty_m: float = 2.0) -> Position:
    return Position(latitude=31.2 + metres_north / 111_195, longitude=121.4, uncertainty_m=uncertainty_m)


def verdict(
    incident: Sighting, *members: Sighting, state: CaseState = CaseState.PENDING_REVIEW
) -> tuple[CorrelationReason, bool]:
    decision = correlate(incident, [Candidate(CASE, state, members)], [], START, POLICY)
    return decision.reason_code, decision.case_id == CASE


FIRST = sighting("first")


@pytest.mark.parametrize(
    ("incident", "reason", "joins"),
    [
        (FIRST, "same_incident", True),
        (sighting("x", 9e6, 9e6, place_id=FIRST.place_id, box=ELSEWHERE), "same_place", True),
        (sighting("x", 200, box=NEARLY), "same_view", True),
        (sighting("x", 100 + 900, box=NEARLY), "same_view", True),
        (sighting("x", 100 + 901, box=NEARLY), "rearm_expired", False),
        (sighting("x", 200, box=ELSEWHERE), "nothing_near", False),
        (sighting("x", 200, appearance=(0.0, 1.0)), "appearance_differs", False),
        (sighting("x", 200, appearance=()), "same_view", True),
        (sighting("x", 200, appearance=(1.0, 0.0, 0.0)), "same_view", True),
        (sighting("x", 50, box=(0.25, 0.2, 0.45, 0.4)), "seen_side_by_side", False),
        (sighting("x", 50), "same_view", True),
        (sighting("x", 200, category=Category.GARBAGE), "nothing_near", False),
        (sighting("x", 200, camera="s/n/south"), "nothing_near", False),
    ],
)
def test_in_one_view(incident: Sighting, reason: str, joins: bool) -> None:
    assert verdict(incident, FIRST) == (reason, joins)


@pytest.mark.parametrize(
    ("metres", "uncertainty", "reason", "joins"),
    [
        (8.9, 2.0, "near", True),
        (9.2, 2.0, "nothing_near", False),
        (50.0, 25.0, "near", True),
        (20.0, 31.0, "position_too_vague", False),
    ],
)
def test_across_cameras_only_positions_decide(metres: float, uncertainty: float, reason: str, joins: bool) -> None:
    anchor = sighting("first", position=position(0, uncertainty))
    other = sighting("x", 50, camera="s/m/east", box=ELSEWHERE, position=position(metres, uncertainty))
    assert verdict(other, anchor) == (reason, joins)


def test_a_street_of_vendors_does_not_chain_into_one_case() -> None:
    anchor = sighting("v0", position=position(0), category=Category.STREET_VENDOR)
    near = sighting("v1", camera="s/b/c", position=position(15), category=Category.STREET_VENDOR)
    far = sighting("v2", 10, camera="s/c/c", position=position(30), category=Category.STREET_VENDOR)
    assert verdict(near, anchor) == ("near", True)
    assert verdict(far, anchor, near) == ("nothing_near", False)


def test_silence_is_not_absence() -> None:
    standing = sighting("first", ended=False)
    assert verdict(sighting("x", 3 * 3600, 4 * 3600), standing) == ("same_view", True)
    assert verdict(sighting("x", 25 * 3600 + 100, 26 * 3600), standing) == ("rearm_expired", False)


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.VOIDED])
def test_after_a_decision_comes_a_recurrence_and_before_it_late_evidence(state: CaseState) -> None:
    later = correlate(sighting("x", 200), [Candidate(CASE, state, (FIRST,))], [], START, POLICY)
    assert (later.reason_code, later.case_id, later.recurrence_of) == ("recurrence", None, CASE)
    assert verdict(sighting("x", 50), FIRST, state=state) == ("late_evidence", True)
    assert verdict(sighting("x", 31 * 86400, 32 * 86400), FIRST, state=state) == ("nothing_near", False)


@pytest.mark.parametrize(
    ("state", "reason"), [(CaseState.VOIDED, "recurrence"), (CaseState.CLOSED, "late_evidence")]
)
def test_what_was_voided_on_one_camera_is_reviewed_again_when_another_sees_it(
    state: CaseState, reason: str
) -> None:
    voided = sighting("first", position=position(0), ended=False)
    other = sighting("x", 50, camera="s/m/east", box=ELSEWHERE, position=position(3))
    assert verdict(other, voided, state=state) == (reason, state is CaseState.CLOSED)


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = [
        Candidate(name_id(str(number)), CaseState.PENDING_REVIEW, (sighting(f"m{number}", number, number + 10),))
        for number in range(5)
    ]
    incident = sighting("x", 500)
    answers = {
        correlate(incident, candidates[start:] + candidates[:start], [], START, POLICY).case_id
        for start in range(5)
    }
    assert answers == {name_id("4")}


unit = st.floats(0, 1, allow_nan=False)
boxes = st.tuples(unit, unit, unit, unit).map(
    lambda box: (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_bounded_and_one_only_with_itself(
    a: tuple[float, ...], b: tuple[float, ...]
) -> None:
    first, second = (a[0], a[1], a[2], a[3]), (b[0], b[1], b[2], b[3])
    assert overlap(first, second) == overlap(second, first)
    assert 0.0 <= overlap(first, second) <= 1.0 + 1e-9
    assert overlap(first, first) == 1.0


@given(st.lists(st.floats(-1e3, 1e3), max_size=8), st.lists(st.floats(-1e3, 1e3), max_size=8))
def test_similarity_is_symmetric_and_bounded(a: list[float], b: list[float]) -> None:
    alike = similarity(a, b)
    assert alike == similarity(b, a)
    assert alike is None or -1.0 <= alike <= 1.0


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(0, 500))
def test_ground_distance_north_is_what_was_walked(latitude: float, longitude: float, metres: float) -> None:
    step = metres / 111_195.08
    assert ground_distance_m(latitude, longitude, latitude + step, longitude) == pytest.approx(metres, abs=0.01)


def test_the_rearm_window_is_measured_from_the_last_sighting_of_any_member() -> None:
    second = sighting("second", 500, 600)
    assert verdict(sighting("x", 600 + 900), FIRST, second) == ("same_view", True)
    assert second.last_seen - FIRST.last_seen == timedelta(seconds=500)
